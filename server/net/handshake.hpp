// The server's side of the opening handshake (RFC 6455 section 4.2). Pure.
#pragma once

#include "server/net/http.hpp"
#include "server/settings/deflate_settings.hpp"
#include "troupe/wire/result.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// The bytes of the 101 answer to a request for a WebSocket. The error is the response to it: 426
/// for a plain request or another version, 400 for a broken key. Chooses the subprotocol
/// `troupe.v1` when it is offered, and names the `extensions` if there are any.
result<std::string, http_response> answer_handshake(const http_request& request,
                                                    std::string_view extensions = {});

/// What the request's offers to compress messages are answered, for `extensions`; or nothing.
std::string agree_on_deflate(const http_request& request, const deflate_settings& ours);

} // namespace troupe
