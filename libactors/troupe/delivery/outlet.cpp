#include "troupe/delivery/outlet.hpp"

#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/lossy_audience.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

// Calls `f` for each connection, having those that come soon fetched meanwhile.
template <class F>
void for_each_ahead(const std::vector<connection*>& connections, F f) {
  constexpr std::size_t ahead = 8;
  const std::size_t count = connections.size();
  for (std::size_t i = 0; i < std::min(ahead, count); ++i)
    connections[i]->prefetch();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + ahead < count)
      connections[i + ahead]->prefetch();
    f(*connections[i]);
  }
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
    [this](const dissolve& message) { on_dissolve(message); },
    [this](const broadcast_all& message) {
      const frame_ref what{message.what};
      metrics_.broadcasts.add();
      metrics_.deliveries.add(connections());
      for (auto& [who, generation] : slots_)
        if (who)
          who->deliver(what);
    },
    [this](const multicast& message) { on_multicast(message); },
    [this](const close_connections& message) { on_close_connections(message); },
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
  if (who.pump_scheduled_)
    return;
  who.pump_scheduled_ = true;
  if (waiting_.empty())
    loop()->flush_later(*this);
  waiting_.push_back(&who);
}

void outlet::flush() {
  const auto leaving =
    std::exchange(departed_, {}); // who departs meanwhile stays until the next time
  pumping_.swap(waiting_);
  for_each_ahead(pumping_, [](connection& who) {
    who.pump_scheduled_ = false;
    who.pump();
  });
  pumping_.clear();
  if (first_came_in_ != metrics_clock::time_point{})
    metrics_.delivery_latency.observe(metrics_clock::now() - std::exchange(first_came_in_, {}));
}

void outlet::on_enroll(const enroll& message) {
  connection* const who = find(message.connection);
  if (!who) {
    std::visit(
      [&](const auto& host) {
        caf::anon_send(host, gone{message.kind, message.name, message.connection, message.asked});
      },
      message.host);
    return;
  }
  auto& where = audiences_[message.audience];
  if (!where)
    where = std::make_unique<audience>(audience{message.audience,
                                                message.kind,
                                                message.name,
                                                message.host,
                                                message.at,
                                                {},
                                                lossy_audience_of(message)});
  who->enrolled(*where, message);
  drop_if_empty(message.audience);
}

lossy_audience_ptr outlet::lossy_audience_of(const enroll& message) const {
  const namespace_rule* const where = context_.live().access.of(message.name);
  if (!where || where->slow == slow_consumer::close)
    return nullptr;
  return std::make_shared<lossy_audience>(
    lossy_audience{message.kind, message.name, where->slow, &metrics_});
}

void outlet::on_broadcast(const broadcast& message) {
  const auto found = audiences_.find(message.audience);
  if (found == audiences_.end())
    return;
  found->second->at.offset = message.offset;
  const frame_ref what{message.what, found->second->lossy, message.offset};
  const auto& seats = found->second->seats;
  const bool spares_one = message.except != no_connection && message.except.loop() == loop_number_;
  metrics_.broadcasts.add();
  metrics_.deliveries.add(seats.size() - (spares_one && find(message.except) ? 1 : 0));
  for_each_ahead(seats, [&](connection& who) {
    if (who.id() != message.except)
      who.deliver(what);
  });
  time_first(message.since);
}

// One message a turn is timed: the first, which waits longest for its turn to be written.
void outlet::time_first(metrics_clock::time_point came_in) {
  constexpr metrics_clock::time_point never{};
  if (first_came_in_ != never || came_in == never || waiting_.empty())
    return;
  first_came_in_ = came_in;
  metrics_.queue_delay.observe(metrics_clock::now() - came_in);
}

void outlet::on_expel(const expel& message) {
  const auto found = audiences_.find(message.audience);
  connection* const who = find(message.connection);
  if (who && found != audiences_.end())
    who->expelled(*found->second, message.last->what());
  else if (!who)
    metrics_.dropped.add(drop_reason::gone);
}

void outlet::on_dissolve(const dissolve& message) {
  const auto found = audiences_.find(message.audience);
  if (found == audiences_.end())
    return;
  audience& lost = *found->second;
  for (auto left = lost.seats.size(); left > 0; --left)
    lost.seats.back()->dissolved(lost, message.why);
}

void outlet::on_multicast(const multicast& message) {
  const frame_ref what{message.what};
  for (const auto each : message.to) {
    if (auto* who = find(each)) {
      metrics_.deliveries.add();
      who->deliver(what);
    } else {
      metrics_.dropped.add(drop_reason::gone);
    }
  }
}

void outlet::on_close_connections(const close_connections& message) {
  for (const auto each : message.whom)
    if (auto* who = find(each))
      who->hang_up(message.code, message.reason);
}

member_counts outlet::on_count_members(const count_members& question) const {
  member_counts out;
  for (const auto id : question.of) {
    const auto found = audiences_.find(id);
    out.counts.push_back(found == audiences_.end() ? 0 : found->second->seats.size());
  }
  return out;
}

void outlet::unseat(audience& where, std::uint32_t seat) {
  auto& seats = where.seats;
  if (seat + 1 < seats.size()) {
    seats[seat] = seats.back();
    seats[seat]->reseated(where, seat);
  }
  seats.pop_back();
  drop_if_empty(where.id);
}

void outlet::drop_if_empty(audience_id id) {
  if (const auto found = audiences_.find(id);
      found != audiences_.end() && found->second->seats.empty())
    audiences_.erase(found);
}

} // namespace troupe
