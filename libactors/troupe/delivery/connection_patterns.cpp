// Topics by a pattern: how a connection gets to hear all that match, and no more of them.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/names.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

// Where a pattern stands: nothing is recovered by one.
pending_request::place nowhere(const std::string& pattern) {
  pending_request::place out;
  out.name = pattern;
  out.recovered = false;
  return out;
}

} // namespace

bool connection::may_subscribe(const std::string& topic) const {
  return has_wildcard(topic) ? context_.live().access.allow_pattern(topic, who())
                             : may(action::subscribe, topic);
}

void connection::forbid(action what, audience_kind kind, const std::string& name,
                        const request_id& id) {
  fail(context_.live().access.refusal(what, name).about(kind, name), id);
}

bool connection::hears(const std::string& topic) const {
  return has_wildcard(topic) ? outlet_.patterns().has(*this, topic)
                             : find_audience(audience_kind::topic, topic) != nullptr;
}

std::size_t connection::topic_count() const {
  return audience_count(audience_kind::topic) + (by_pattern_ ? outlet_.patterns().count(*this) : 0);
}

void connection::ask_for_pattern(const std::string& pattern) {
  auto in = nowhere(pattern);
  if (outlet_.patterns().has(*this, pattern))
    return pending_->know(std::move(in));
  charge_reading(read_pace::units_of_a_new_name);
  caf::anon_send(context_.routes.directory,
                 subscribe_pattern{pattern, id_, tickets_, charged_to()});
}

void connection::granted(const pattern_granted& message) {
  by_pattern_ = outlet_.patterns().count(*this) > 0;
  if (pending_ && pending_->grant(message.asked, nowhere(message.pattern)))
    settle();
}

void connection::deliver_by_pattern(const frame_ref& what, const std::string& topic,
                                    std::size_t bytes_max) {
  if (!outbox_.held() || !awaits(audience_kind::topic, topic)) [[likely]]
    return deliver(what, bytes_max);
  if (state_ != state::open)
    return outlet_.metrics().dropped.add(drop_reason::closing);
  // By a pattern of the same request it hears from the answer on.
  const auto patterns = outlet_.patterns().of(*this);
  if (std::ranges::none_of(patterns, [&](const std::string& pattern) {
        return matches_pattern(pattern, topic) && !awaits(audience_kind::topic, pattern);
      }))
    return;
  const auto mine = takes_own_form_ ? own_form(what) : what;
  if (mine && outbox_.push_ahead(mine, bytes_max) == outbox::pushed::overflow)
    overflow();
  outlet_.pump_later(*this);
}

void connection::leave_pattern(const std::string& pattern) {
  if (outlet_.leave_pattern(*this, pattern))
    by_pattern_ = outlet_.patterns().count(*this) > 0;
}

void connection::leave_patterns() {
  if (by_pattern_)
    for (const auto& pattern : outlet_.patterns().of(*this))
      leave_pattern(pattern);
}

// With another token.
void connection::drop_patterns_not_allowed() {
  if (!by_pattern_)
    return;
  outlet_.patterns().look_again();
  for (const auto& pattern : outlet_.patterns().of(*this)) {
    if (may_subscribe(pattern))
      continue;
    leave_pattern(pattern);
    tell(events::unsubscribed{{pattern}, {}, {}});
    forbid(action::subscribe, audience_kind::topic, pattern, {});
  }
}

} // namespace troupe
