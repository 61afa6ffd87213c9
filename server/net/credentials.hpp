// Where a request carries its token or key (protocol, "Endpoints"). Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/wire/result.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// What `Authorization: Bearer` carries, or empty. The scheme may be in upper or lower case, and
/// any number of blanks may follow it (RFC 9110 section 11). Every way in that takes one asks here.
std::string_view bearer_of(const http_header& request);

/// Of a request for a WebSocket: the token from `Authorization: Bearer`, else from `?token=`, else
/// from the subprotocol list (`troupe.v1, bearer.<token>`); or empty. An error says that it cannot
/// be read, and nothing of it.
text_result<std::string> token_of(const http_request& request, std::string_view query);

/// The session that a client brings back (protocol, "Sessions"), from `?session=`, else from the
/// subprotocol list; or empty. An error as above.
text_result<std::string> session_of(const http_request& request, std::string_view query);

} // namespace troupe
