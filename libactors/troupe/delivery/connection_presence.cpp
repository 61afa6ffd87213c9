// Who is where, as a client asks for it and shows itself.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"

#include <caf/send.hpp>

#include <variant>

namespace troupe {

// Asked of who knows it: whether this connection is there or not.
void connection::receive(client::presence& frame, request_id& id) {
  auto& asked = frame.asked;
  if (!may(action::presence, asked.name))
    return forbid(action::presence, asked.kind, asked.name, id);
  const audience* const known = find_audience(asked.kind, asked.name);
  presence_request request{std::move(asked), id_, std::move(id), take_credit()};
  if (!known)
    return caf::anon_send(context_.routes.directory, std::move(request));
  std::visit([&](const auto& host) { caf::anon_send(host, std::move(request)); }, known->host);
}

// Others see it as they see what it says, so it takes the same right.
void connection::receive(client::set_presence& frame, request_id& id) {
  const audience* const known = find_audience(frame.kind, frame.name);
  if (!known)
    return fail((frame.kind == audience_kind::room
                   ? error{errc::not_in_room}
                   : error{errc::not_in_room, "Not subscribed to that topic"})
                  .about(frame.kind, frame.name),
                id);
  if (!may(action::publish, frame.name))
    return forbid(action::publish, frame.kind, frame.name, id);
  std::visit(
    [&](const auto& host) {
      caf::anon_send(host, set_presence{frame.kind, frame.name, std::string(frame.state), id_,
                                        std::move(id), take_credit()});
    },
    known->host);
}

// Nobody else keeps who it is, except the users.
void connection::identify_where_it_is() const {
  for (std::size_t i = 0; i < audience_count(); ++i) {
    const audience& each = audience_at(i);
    if (each.kind == audience_kind::topic && !context_.live().topic_keeps_presence(each.name))
      continue;
    std::visit(
      [&](const auto& host) {
        caf::anon_send(host, identify{id_, bearer(), tickets_ + 1});
      },
      each.host);
  }
}

} // namespace troupe
