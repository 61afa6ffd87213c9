// What an outlet does with all its connections, one after the other: close them, look at what
// waits.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

void outlet::on_drain(const drain& message) {
  if (draining_)
    return;
  const auto now = loop()->now();
  const auto per_second = message.rate_each * static_cast<double>(connections());
  draining_ = std::make_unique<draining>(
    draining{drain_pace{now, connections(), message.within, per_second}});
  on_deadline(now);
}

// Closes those whose time has come. Nobody is let in any more, so one walk over the table is all.
void outlet::on_deadline(timer_wheel::time_point now) {
  auto& [pace, closed, next] = *draining_;
  const auto due = pace.due(now);
  for (; next < slots_.size() && closed < due; ++next)
    if (slots_[next].who)
      slots_[next].who->hang_up(close_code::going_away, default_reason(close_code::going_away),
                                pace.after(closed++));
  if (next < slots_.size())
    loop()->arm(*this, now + timer_wheel::tick);
}

// A socket's outbox is looked at once a scrape, like a broadcast looks at it: nothing is counted
// for it on the way of a message.
outboxes_measured outlet::on_measure_outboxes() {
  constexpr std::size_t ahead = 8;
  std::uint64_t bytes = 0;
  std::uint64_t waiting = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (i + ahead < slots_.size() && slots_[i + ahead].who)
      slots_[i + ahead].who->prefetch();
    if (const auto& who = slots_[i].who; who && who->waiting_bytes() > 0) {
      bytes += who->waiting_bytes();
      ++waiting;
    }
  }
  metrics_.outbox_bytes.store(bytes, std::memory_order_relaxed);
  metrics_.outboxes_waiting.store(waiting, std::memory_order_relaxed);
  return {loop_number_};
}

} // namespace troupe
