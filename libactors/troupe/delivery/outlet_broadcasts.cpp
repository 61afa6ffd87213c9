// How a loop's outlet fans a message out: to the listeners of an audience, to some connections, to
// all.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outlet.hpp"

#include <utility>
#include <vector>

namespace troupe {

void outlet::on_broadcast(const broadcast& message) {
  if (message.how.passing)
    return on_signal(message);
  audience* const to = listeners_.find(message.audience);
  const auto* const others = message.by_pattern ? who_hear_by_pattern(message) : nullptr;
  if (!to && !others)
    return;
  const bool numbered = to && message.offset != std::exchange(to->at.offset, message.offset);
  const frame_ref what{message.what, to ? to->lossy : others->lossy, message.offset,
                       message.how.until};
  metrics_.broadcasts.add();
  if (to)
    message.how.role.empty() ? deliver_to(*to, message, what, numbered)
                             : deliver_to_role(*to, message, what);
  if (others)
    deliver_by_pattern(others->by, what, message);
  time_first(message.since);
}

void outlet::deliver_to(audience& to, const broadcast& message, const frame_ref& what,
                        bool numbered) {
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  const auto& all = to.listeners();
  if (to.replays && numbered)
    to.replays->append(what);
  const connection_id except = message.how.except;
  const auto* const spared =
    except != no_connection && except.loop() == loop_number_ ? find(except) : nullptr;
  const bool one_queue = context_.settings.seam.one_queue;
  std::vector<connection*> left_behind;
  metrics_.deliveries.add(all.size() - (spared && spared->listens_to(message.audience) ? 1 : 0));
  for_each_ahead(all, [&](connection& who) {
    if (who.id() == except)
      return;
    if (!to.replays) [[likely]]
      return who.deliver(what, bytes_max);
    const auto* const cursor = numbered && one_queue ? to.replays->find(who) : nullptr;
    if (!cursor)
      deliver_beside(who, to, what, message);
    else if (cursor->behind > bytes_max)
      left_behind.push_back(&who);
  });
  for (connection* const who : left_behind)
    fall_behind(*who, to);
}

void outlet::on_broadcast_all(const broadcast_all& message) {
  const frame_ref what{message.what};
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  metrics_.broadcasts.add();
  metrics_.deliveries.add(connections());
  for (auto& [who, generation] : slots_)
    if (who)
      who->deliver(what, bytes_max);
}

// One message a turn is timed: the first, which waits longest for its turn to be written.
void outlet::time_first(metrics_clock::time_point came_in) {
  constexpr metrics_clock::time_point never{};
  if (first_came_in_ != never || came_in == never || waiting_.empty())
    return;
  first_came_in_ = came_in;
  metrics_.queue_delay.observe(metrics_clock::now() - came_in);
}

void outlet::on_multicast(const multicast& message) {
  const frame_ref what{message.what};
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  for (const auto each : message.to) {
    if (auto* who = find(each)) {
      metrics_.deliveries.add();
      who->deliver(what, bytes_max);
    } else {
      metrics_.dropped.add(drop_reason::gone);
    }
  }
}

} // namespace troupe
