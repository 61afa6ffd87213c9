// What a request must keep to beyond what the HTTP parser checks: whoever stands in front of the
// server (a proxy, a cache) must read the same requests out of the same bytes, else one could be
// smuggled past it inside another (RFC 9112 section 11.2). Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/wire/result.hpp"

#include <string_view>

namespace troupe {

/// Whether a request's header keeps to the rules. To be asked before any of the body is read: where
/// the body ends must not be a matter of opinion (RFC 9112 section 6.3).
///
/// `Transfer-Encoding` is `chunked` or not there, never beside `Content-Length`, and not in
/// HTTP/1.0; `Content-Length` comes once and is one number; `Host` comes once, and is no list.
/// Fields by which the server decides come once at most. A request for a WebSocket has no body:
/// what follows it are frames.
result<> check_header(const http_header& header);

/// Whether a line of the header goes on in the next one (`obs-fold`, RFC 9112 section 5.2), which
/// the parser undoes and others do not. `unparsed` begins at a line of the header, and may go on
/// behind it.
bool has_folded_line(std::string_view unparsed);

} // namespace troupe
