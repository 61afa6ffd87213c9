#include "troupe/delivery/outlet.hpp"

#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/lossy_audience.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

bool comes_from(const connection& who, const address_block& where) {
  if (who.is_closing())
    return false;
  const auto address = who.address();
  return address.known() && where.contains(address);
}

} // namespace

outlet::outlet(caf::actor_config& config, event_loop* loop, const server_context& context,
               std::uint32_t loop_number)
  : placed_actor(config, loop),
    context_(context),
    loop_number_(loop_number),
    heartbeat_(encode(events::ping{})),
    metrics_(context.metrics.of_loop(loop_number)) {
  report_exceptions(context.observers.report, "outlet " + std::to_string(loop_number));
}

outlet::~outlet() = default;

outlet::behavior_type outlet::make_behavior() {
  return {
    [this](const enroll& message) { on_enroll(message); },
    [this](const refuse& message) {
      if (auto* who = find(message.connection))
        who->refused(message);
    },
    [this](const broadcast& message) { on_broadcast(message); },
    [this](const unicast& message) {
      if (auto* who = find(message.connection)) {
        metrics_.deliveries.add();
        who->tell(message.what->what());
      } else {
        metrics_.dropped.add(drop_reason::gone);
      }
    },
    [this](const expel& message) { on_expel(message); },
    [this](spread_pattern& message) { on_spread_pattern(message); },
    [this](pattern_granted& message) { on_pattern_granted(message); },
    [this](const follow& message) { on_follow(message); },
    [this](const presence_news& message) { on_presence_news(message); },
    [this](const dissolve& message) { on_dissolve(message); },
    [this](const watch& message) { on_watch(message); },
    [this](const broadcast_all& message) { on_broadcast_all(message); },
    [this](const multicast& message) { on_multicast(message); },
    [this](const close_connections& message) { on_close_connections(message); },
    [this](const close_addresses& message) { return on_close_addresses(message); },
    [this](const describe_connections& question) { return on_describe_connections(question); },
    [this](const count_members& question) { return on_count_members(question); },
    [this](const measure_outboxes&) { return on_measure_outboxes(); },
    [this](const drain& message) { on_drain(message); },
  };
}

void outlet::on_exit() {
  cancel();
  // Connections that are still here have had their time to say goodbye.
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (auto who = slots_[i].who)
      caf::anon_send_exit(caf::actor_cast<caf::actor>(caf::strong_actor_ptr{who->ctrl()}),
                          caf::exit_reason::user_shutdown);
}

connection_id outlet::attach(connection& who) {
  std::uint32_t place;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  metrics_.connections_opened.add();
  slot& s = slots_[place];
  s.who.reset(&who);
  if ((++s.generation & connection_id::generation_mask) == 0)
    s.generation = 1;
  return connection_id::make(loop_number_, place, s.generation);
}

void outlet::detach(connection& who) {
  slot& s = slots_[who.id().slot()];
  pump_later(who);
  if (!watched_.empty() && watched_.erase(who.id()) > 0)
    caf::anon_send(context_.routes.directory, departed{who.id()});
  departed_.push_back(std::move(s.who));
  free_.push_back(who.id().slot());
}

connection* outlet::find(connection_id id) const {
  if (id.slot() >= slots_.size())
    return nullptr;
  const slot& s = slots_[id.slot()];
  return s.generation == id.generation() ? s.who.get() : nullptr;
}

void outlet::pump_later(connection& who) {
  if (!who.mark_for_pump())
    return;
  flush_soon();
  waiting_.push_back(&who);
}

void outlet::flush_soon() {
  if (!std::exchange(flushes_, true))
    loop()->flush_later(*this);
}

// Those who wait go first, or who always has something to say would keep them waiting.
bool outlet::may_read(connection& who) {
  if (reading_.empty() && !reading_pace_.spent())
    return true;
  if (who.mark_for_reading())
    reading_.push(who.address_holder(), who.id());
  flush_soon();
  return false;
}

// What is read here is carried out in the next turn.
void outlet::read_in_turns() {
  reading_took_ = {};
  if (reading_.empty())
    return;
  const auto before = loop()->turn_time();
  while (!reading_.empty() && !reading_pace_.spent())
    if (auto* const who = find(reading_.pop()))
      who->read_in_turn();
  reading_took_ = loop()->turn_time() - before;
  if (!reading_.empty())
    flush_soon();
}

void outlet::flush() {
  flushes_ = false;
  const auto leaving =
    std::exchange(departed_, {}); // who departs meanwhile stays until the next time
  pumping_.swap(waiting_);
  for_each_ahead(std::span<connection* const>(pumping_), [](connection& who) { who.pump(); });
  pumping_.clear();
  if (first_came_in_ != metrics_clock::time_point{})
    metrics_.delivery_latency.observe(metrics_clock::now() - std::exchange(first_came_in_, {}));
  reading_pace_.carried_out(loop()->turn_time() + reading_took_);
  read_in_turns();
}

void outlet::on_enroll(const enroll& message) {
  const auto answer = [&](auto what) {
    std::visit([&](const auto& host) { caf::anon_send(host, std::move(what)); }, message.host);
  };
  connection* const who = find(message.connection);
  if (!who)
    return answer(gone{message.kind, message.name, message.connection, message.asked});
  // Too late: the client was told that it failed, or it is on its way out.
  if (!who->awaits(message.kind, message.name) && !who->listens_to(message.audience))
    return answer(leave{message.kind, message.name, message.connection, message.asked});
  listeners_.enroll(*who, message.audience, message.asked,
                    [&](audience& fresh) { describe(fresh, message); });
  audience& in = *listeners_.find(message.audience);
  if (who->listens_by_pattern())
    patterns_.look_again(message.audience);
  if (message.resumed && message.resumed->recovered() && !message.resumed->missed->events.empty())
    begin_replay(*who, in, *message.resumed->missed);
  who->enrolled(message, in);
}

void outlet::describe(audience& fresh, const enroll& message) const {
  fresh.kind = message.kind;
  fresh.name = message.name;
  fresh.host = message.host;
  fresh.at = message.at;
  fresh.lossy = lossy_by_namespace(message.kind, message.name);
}

void outlet::on_expel(const expel& message) {
  connection* const who = find(message.connection);
  if (!who)
    metrics_.dropped.add(drop_reason::gone);
  else if (who->leave_audience(message.audience)) // the room hears that nothing more will come
    who->tell(message.last->what());
}

void outlet::on_watch(const watch& message) {
  if (find(message.connection))
    watched_.insert(message.connection);
  else
    caf::anon_send(context_.routes.directory, departed{message.connection});
}

void outlet::on_dissolve(const dissolve& message) {
  patterns_.look_again(message.audience);
  for (audience_listener* const each : listeners_.dissolve(message.audience)) {
    metrics_.errors.add(message.why.code);
    static_cast<connection&>(*each).tell(events::refusal(message.why));
  }
}

void outlet::on_close_connections(const close_connections& message) {
  for (const auto each : message.whom)
    if (auto* who = find(each))
      who->hang_up(message.code, message.reason);
}

addresses_closed outlet::on_close_addresses(const close_addresses& message) {
  addresses_closed out;
  for (const auto& [who, generation] : slots_)
    if (who && comes_from(*who, message.whom)) {
      who->hang_up(close_code::kicked, message.reason);
      ++out.connections;
    }
  return out;
}

connections_described outlet::on_describe_connections(const describe_connections& question) const {
  connections_described out;
  for (const auto each : question.which)
    if (const connection* const who = find(each))
      out.here.push_back(who->described());
  return out;
}

member_counts outlet::on_count_members(const count_members& question) const {
  member_counts out;
  for (const auto id : question.of)
    out.counts.push_back(listeners_.listeners_of(id));
  return out;
}

} // namespace troupe
