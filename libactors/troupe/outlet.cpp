#include "troupe/outlet.hpp"

#include "troupe/connection.hpp"
#include "troupe/server_frames.hpp"

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

outlet::outlet(caf::actor_config& config, event_loop* loop, const house& here,
               std::uint32_t loop_number)
  : placed_actor(config, loop),
    here_(here),
    loop_number_(loop_number),
    heartbeat_(server_frames::heartbeat()) {
  report_exceptions(here.report, "outlet " + std::to_string(loop_number));
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
    [this](const whisper& message) {
      if (auto* who = find(message.connection))
        who->deliver(parcel{message.what});
    },
    [this](const expel& message) { on_expel(message); },
    [this](const dissolve& message) { on_dissolve(message); },
    [this](const broadcast_all& message) {
      const parcel what{message.what};
      for (auto& [who, generation] : slots_)
        if (who)
          who->deliver(what);
    },
    [this](const drain& message) { on_drain(message); },
  };
}

void outlet::on_exit() {
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
}

void outlet::on_enroll(const enroll& message) {
  connection* const who = find(message.connection);
  if (!who) {
    std::visit([&](const auto& host) { caf::anon_send(host, gone{message.connection}); },
               message.host);
    return;
  }
  auto& where = audiences_[message.audience];
  if (!where)
    where = std::make_unique<audience>(
      audience{message.audience, message.kind, message.name, message.host, message.at, {}});
  who->enrolled(*where, message);
  drop_if_empty(message.audience);
}

void outlet::on_broadcast(const broadcast& message) {
  const auto found = audiences_.find(message.audience);
  if (found == audiences_.end())
    return;
  found->second->at.offset = message.offset;
  const parcel what{message.what};
  for_each_ahead(found->second->seats, [&](connection& who) {
    if (who.id() != message.except)
      who.deliver(what);
  });
}

void outlet::on_expel(const expel& message) {
  const auto found = audiences_.find(message.audience);
  connection* const who = find(message.connection);
  if (who && found != audiences_.end())
    who->expelled(*found->second, parcel{message.last});
}

void outlet::on_dissolve(const dissolve& message) {
  const auto found = audiences_.find(message.audience);
  if (found == audiences_.end())
    return;
  audience& lost = *found->second;
  for (auto left = lost.seats.size(); left > 0; --left)
    lost.seats.back()->dissolved(lost, message.why);
}

void outlet::on_drain(const drain& message) {
  const auto count = static_cast<std::int64_t>(connections());
  std::int64_t i = 0;
  for (auto& [who, generation] : slots_)
    if (who)
      who->hang_up(close_code::going_away, default_reason(close_code::going_away),
                   message.spread * i++ / count);
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
