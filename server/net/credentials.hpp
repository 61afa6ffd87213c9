// Where a request for a WebSocket carries its token (protocol, "Endpoints"). Pure.
#pragma once

#include "server/net/http.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// The token from `Authorization: Bearer`, else from `?token=`, else from the subprotocol list
/// (`troupe.v1, bearer.<token>`); or empty.
std::string token_of(const http_request& request, std::string_view query);

} // namespace troupe
