// The server's side of the opening handshake (RFC 6455 section 4.2). Pure.
#pragma once

#include "server/net/http.hpp"

#include <string>
#include <variant>

namespace troupe {

/// The bytes of the 101 answer to a request for a WebSocket, or the refusal: 426 for a plain
/// request or another version, 400 for a broken key. Chooses the subprotocol `troupe.v1` when it is
/// offered.
std::variant<std::string, http_answer> shake_hands(const http_request& request);

} // namespace troupe
