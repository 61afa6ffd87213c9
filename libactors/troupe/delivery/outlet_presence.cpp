// How a loop's listeners are told who comes and goes: those who follow that.
#include "troupe/delivery/for_each_ahead.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

// One that has gone meanwhile, or was not let in any more, follows nothing.
void outlet::on_follow(const follow& message) {
  connection* const who = find(message.connection);
  if (!who || !who->listens_to(message.audience))
    return;
  listener_table::follow(*who, message.audience, message.page != nullptr);
  if (message.page) {
    metrics_.deliveries.add();
    who->tell(message.page->what());
  }
}

// Never dropped for a slow reader: whoever misses one has a wrong list from then on. Others make
// room for it.
void outlet::on_presence_news(const presence_news& message) {
  const audience* const of = listeners_.find(message.audience);
  if (!of || of->followers().empty())
    return;
  const frame_ref what{message.what};
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  metrics_.broadcasts.add();
  metrics_.deliveries.add(of->followers().size());
  for_each_ahead(of->followers(), [&](connection& who) { who.deliver(what, bytes_max); });
}

} // namespace troupe
