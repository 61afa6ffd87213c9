// How a loop's listeners are sent what is for some of them: those whose token has a role, as it is
// now. It has no place, so nobody who goes without it has a hole, and it goes past replays.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

void outlet::on_role_broadcast(const broadcast& message) {
  audience* const to = listeners_.find(message.audience);
  if (!to)
    return;
  const frame_ref what{message.what, to->lossy, message.offset, message.how.until};
  metrics_.broadcasts.add();
  for_each_ahead(to->listeners(), [&](connection& who) {
    const identity* const token = who.who();
    if (who.id() == message.how.except || !token || !token->has_role(message.how.role))
      return;
    metrics_.deliveries.add();
    deliver_beside(who, *to, what, message);
  });
  time_first(message.since);
}

} // namespace troupe
