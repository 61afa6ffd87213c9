// What an admin commands over its connection: checked here, carried out by the users.
#include "troupe/delivery/connection.hpp"

#include <caf/send.hpp>

namespace troupe {

void connection::receive(client::admin_command& frame, request_id& id) {
  if (!who() || !who()->has_role("admin")) {
    if (who())
      context_.observers.audit("refused admin_command", who()->user_id, {});
    return fail(error{errc::insufficient_permissions}, id);
  }
  if (!frame.what)
    return fail(frame.what.error(), id);
  caf::anon_send(
    context_.routes.users,
    admin_request{{*std::move(frame.what), who()->user_id}, id_, std::move(id), take_credit()});
}

} // namespace troupe
