// How a loop's listeners are sent what is for some of them: those whose token has a role, as it is
// now. It has no place, so nobody who goes without it has a hole, and it goes past replays.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

void outlet::deliver_to_role(const audience& to, const broadcast& message, const frame_ref& what) {
  for_each_ahead(to.listeners(), [&](connection& who) {
    if (who.id() == message.how.except || !who.has_role(message.how.role))
      return;
    metrics_.deliveries.add();
    deliver_beside(who, to, what, message);
  });
}

} // namespace troupe
