// How a request finds its row in a table of routes: patterns of paths, and the methods that a row
// takes. Pure.
#pragma once

#include "server/net/http.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace troupe {

/// Where there is GET there is HEAD (RFC 9110 section 9.1).
enum class methods : std::uint8_t { any, get, post, del };

bool takes(methods allowed, boost::beast::http::verb method);

/// 405, with the field that names them.
http_response wrong_method(std::span<const methods> allowed);
inline http_response wrong_method(methods allowed) {
  return wrong_method({&allowed, 1});
}

/// `hint` says what is there instead; or empty.
error no_such_path(std::string_view hint = {});
/// The same, and asks whether `nearest` was meant, if there is one.
error no_such_path_but(std::string_view nearest);

/// Whether `path` fits. A pattern is a path as it stands, `/healthz`; or ends with `*`, `/chat/*`:
/// whatever comes in its place, if anything; or has a name in braces in the middle,
/// `/rooms/{id}/message`: something must be there. `open` is set to what came in that place, still
/// percent-encoded.
bool fits(std::string_view pattern, std::string_view path, std::string_view& open);

/// The first row that fits, or null. A row has a `pattern`.
template <class Row>
const Row* find_route(std::span<const Row> rows, std::string_view path, std::string_view& open) {
  for (const Row& row : rows)
    if (fits(row.pattern, path, open))
      return &row;
  return nullptr;
}

} // namespace troupe
