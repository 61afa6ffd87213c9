// Where a request for a WebSocket carries its token (protocol, "Endpoints"). Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/wire/result.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// The token from `Authorization: Bearer`, else from `?token=`, else from the subprotocol list
/// (`troupe.v1, bearer.<token>`); or empty. An error says that it cannot be read, and nothing of
/// it.
text_result<std::string> token_of(const http_request& request, std::string_view query);

} // namespace troupe
