// How a loop's listeners hear topics by a pattern: pattern_table.hpp says who. And how the outlets
// tell each other what patterns there are.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/pattern_routes.hpp"

#include <caf/send.hpp>

#include <optional>
#include <utility>

namespace troupe {

namespace {

// The topic of what topics say to all.
const std::string* topic_of(const server_event& what) {
  if (const auto* said = std::get_if<events::publication>(&what))
    return &said->topic;
  if (const auto* brought = std::get_if<events::topic_event>(&what))
    return &brought->topic;
  return nullptr;
}

} // namespace

void outlet::on_spread_pattern(spread_pattern& message) {
  const auto& routes = context_.routes;
  const auto child = server_routes::child_number(message.connection);
  if (message.what == pattern_news::first)
    routes.patterns[loop_number_]->add(message.pattern, child);
  else if (message.what == pattern_news::last)
    routes.patterns[loop_number_]->remove(message.pattern, child);
  if (loop_number_ + 1 < routes.outlets.size())
    return caf::anon_send(routes.outlets[loop_number_ + 1], std::move(message));
  if (message.answered)
    caf::anon_send(routes.child_of(message.connection),
                   pattern_granted{std::move(message.pattern), message.connection, message.asked});
}

void outlet::on_pattern_granted(pattern_granted& message) {
  connection* const who = find(message.connection);
  // As for a topic: it is no more, or was told that it failed. And it counts once.
  if (!who || !who->awaits(audience_kind::topic, message.pattern) ||
      !patterns_.add(*who, message.pattern))
    tell_unsubscribed(message.connection, message.pattern);
  if (who)
    who->granted(message);
}

void outlet::tell_unsubscribed(connection_id who, std::string pattern) const {
  caf::anon_send(context_.routes.directory, unsubscribe_pattern{std::move(pattern), who});
}

bool outlet::leave_pattern(connection& who, const std::string& pattern) {
  if (!patterns_.remove(who, pattern))
    return false;
  tell_unsubscribed(who.id(), pattern);
  return true;
}

// Who hears by a pattern what is said on a topic, and does not listen to it besides; or null.
const pattern_table::hearing* outlet::who_hear_by_pattern(const broadcast& message) {
  const auto* const topic = topic_of(message.what.event->what());
  if (!topic || patterns_.empty())
    return nullptr;
  const auto& live = context_.live();
  if (std::exchange(judged_by_, &live) != &live) // settings that replace others
    patterns_.look_again();
  std::optional<bool> open; // nearly always all may, and then nobody is asked for
  auto& found = patterns_.who_hear(message.audience, *topic, [&](audience_listener& each) {
    if (!open)
      open = live.access.all_hear_by_pattern(*topic);
    const auto& who = static_cast<const connection&>(each);
    return !each.listens_to(message.audience) &&
           (*open || live.access.hears_by_pattern(*topic, who.who()));
  });
  if (!std::exchange(found.described, true))
    found.lossy = lossy_by_namespace(audience_kind::topic, *topic);
  return found.by.empty() ? nullptr : &found;
}

void outlet::deliver_by_pattern(const pattern_table::listeners& all, const frame_ref& what,
                                const broadcast& message) {
  const auto& topic = *topic_of(message.what.event->what());
  const auto& how = message.how;
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  for_each_ahead(all, [&](connection& who) {
    if (who.id() == how.except || (!how.role.empty() && !who.has_role(how.role)))
      return;
    metrics_.deliveries.add();
    metrics_.by_pattern.add();
    who.deliver_by_pattern(what, topic, bytes_max);
  });
}

lossy_audience_ptr outlet::lossy_by_namespace(audience_kind kind, const std::string& name) const {
  const namespace_rule* const rule = context_.live().access.of(name);
  if (!rule || rule->slow == slow_consumer::close)
    return nullptr;
  return std::make_shared<lossy_audience>(lossy_audience{kind, name, rule->slow, &metrics_});
}

} // namespace troupe
