// What a client calls services for: checked against the list here, carried out by the caller.
#include "troupe/delivery/connection.hpp"

#include <caf/send.hpp>

namespace troupe {

void connection::receive(client::rpc& frame, request_id& id) {
  const rpc_rule* rule = context_.live().rpc.find(frame.service, frame.method, who());
  // Whoever may not call is not told whether there is anything to call.
  if (!rule || !context_.routes.caller)
    return fail(error{rule ? errc::unavailable : errc::insufficient_permissions}, id);
  caf::anon_send(context_.routes.caller,
                 rpc_call{rule, std::move(frame.service), std::move(frame.method),
                          std::string(frame.params), session_ ? session_->who : nullptr,
                          public_id(), id_, std::move(id), take_credit()});
}

} // namespace troupe
