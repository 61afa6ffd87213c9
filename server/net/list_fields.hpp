// Fields of a header that are lists: their entries may be spread over several lines (RFC 9110
// section 5.3). Whoever reads such a field reads it here. Pure.
#pragma once

#include "server/net/http.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// Calls `f` with each token of the field, until it returns true; whether it did. A line that is no
/// list of tokens ends where it is none.
template <class F>
bool any_token(const http_header& header, boost::beast::http::field name, F f) {
  const auto [begin, end] = header.equal_range(name);
  for (auto line = begin; line != end; ++line)
    for (const auto token : boost::beast::http::token_list{line->value()})
      if (f(std::string_view{token.data(), token.size()}))
        return true;
  return false;
}

/// Whether `token` is on the list, in upper or lower case.
bool lists(const http_header& header, boost::beast::http::field name, std::string_view token);

/// All lines as one; empty where there is none.
std::string whole_list(const http_header& header, boost::beast::http::field name);

/// Whether a request is a WebSocket's (RFC 6455 section 4.2.1): a GET of HTTP/1.1 with `Upgrade:
/// websocket` and `Connection: Upgrade` on these lists. What follows such a header are frames.
bool asks_for_websocket(const http_header& header);

} // namespace troupe
