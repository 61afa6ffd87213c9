// The target of a request in the one form that everybody else reads: a path, with its query (RFC
// 9112 section 3.2). Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/wire/result.hpp"

namespace troupe {

/// Makes `http://host:port/path?query` the path and the query, and `host:port` the `Host`, whatever
/// that said: so does whoever stands in front of the server. `*` stays, of OPTIONS. Anything else
/// that is no path is an error.
result<> normalize_target(http_header& header);

} // namespace troupe
