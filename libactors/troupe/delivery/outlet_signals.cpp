// How a loop's listeners are sent signals: each of them that keeps up, and has nothing older to
// come.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

void outlet::on_signal(const broadcast& message) {
  audience* const to = listeners_.find(message.audience);
  if (!to)
    return;
  const auto what = frame_ref::signal(message.what, metrics_);
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  metrics_.broadcasts.add();
  for_each_ahead(to->listeners(), [&](connection& who) {
    if (who.id() == message.how.except)
      return;
    if (to->replays && to->replays->find(who))
      metrics_.signals_dropped.add(signal_drop::replaying);
    else
      who.deliver_signal(what, bytes_max);
  });
  time_first(message.since);
}

} // namespace troupe
