// What is said by way of the directory: by clients that do not listen there, by the server-side
// API, by the bus.
#include "troupe/audience/directory.hpp"
#include "troupe/wire/event_frame.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe {

void directory::on_publish(publish& message) {
  auto found = find_or_make(audience_kind::topic, message.what.topic,
                            {message.what.connection, message.what.on});
  if (!found) {
    context_.metrics.refused(found.error().code);
    const connection_id from = message.what.connection;
    auto why = std::move(found).error().about(audience_kind::topic, message.what.topic);
    caf::anon_send(context_.routes.child_of(from),
                   unicast{from, share(events::refusal(why, message.what.id))});
    return;
  }
  pass_through(topics_, **found);
  caf::anon_send(std::get<topic_actor>((*found)->second.actor), std::move(message));
}

caf::result<posted> directory::on_post(post& message) {
  auto found = find_or_make(message.kind, message.name);
  if (!found)
    return posted{fail(std::move(found).error())};
  pass_through(all(message.kind), **found);
  return std::visit(
    [&](auto& actor) -> caf::result<posted> { return delegate(actor, std::move(message)); },
    (*found)->second.actor);
}

// A room or topic is made for an event only where what is said is kept, or heard by a pattern: else
// nobody would hear it.
void directory::on_bridged(bridged& event) {
  if (event.to == bridge_target::everyone) {
    if (context_.metrics.connections.load(std::memory_order_relaxed) == 0)
      return context_.metrics.bridge.unheard.add();
    const auto what =
      encode(events::user_event{event.type, event.members, context_.observers.now()});
    for (const auto& outlet : context_.routes.outlets)
      caf::anon_send(outlet, broadcast_all{what, event.credit});
    return;
  }
  const auto kind = event.to == bridge_target::room ? audience_kind::room : audience_kind::topic;
  auto& list = all(kind).entries;
  const auto found = list.find(event.name);
  auto* known = found == list.end() ? nullptr : &*found;
  if (!known && is_of_use(kind, event.name)) {
    known = find_or_make(kind, event.name).value_or(nullptr);
    if (known)
      pass_through(all(kind), *known);
  }
  if (!known)
    return context_.metrics.bridge.unheard.add(event.from_bus ? 1 : 0);
  std::visit([&](const auto& actor) { caf::anon_send(actor, std::move(event)); },
             known->second.actor);
}

bool directory::is_of_use(audience_kind kind, const std::string& name) const {
  if (kind == audience_kind::topic && !patterns_.empty() && patterns_.matches(name))
    return true;
  const auto& live = context_.live();
  return context_.settings.seam.kept_unheard &&
         live.history_of(kind, live.access.of(name)).messages > 0;
}

} // namespace troupe
