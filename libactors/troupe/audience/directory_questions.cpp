// Questions for who is in a room or on a topic, handed on to it. One that is not there is not made.
#include "troupe/audience/directory.hpp"

#include <caf/send.hpp>

namespace troupe {

void directory::on_presence_request(presence_request& request) {
  const auto kind = request.asked.kind;
  if (const auto* const known = find(kind, request.asked.name))
    return std::visit([&](const auto& actor) { caf::anon_send(actor, std::move(request)); },
                      known->actor);
  const auto why = none_such(kind).about(kind, std::move(request.asked.name));
  context_.metrics.refused(why.code);
  caf::anon_send(context_.routes.child_of(request.connection),
                 unicast{request.connection, share(events::refusal(why, request.id))});
}

caf::result<presence_read> directory::on_read_presence(read_presence& question) {
  const auto* const known = find(question.asked.kind, question.asked.name);
  if (!known)
    return presence_read{fail(none_such(question.asked.kind))};
  return std::visit(
    [&](const auto& actor) -> caf::result<presence_read> {
      return delegate(actor, std::move(question));
    },
    known->actor);
}

} // namespace troupe
