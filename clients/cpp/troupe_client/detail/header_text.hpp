// What may stand in the headers of a handshake: a line break in it would begin another header.
// Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace troupe_client::detail {

inline bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

/// As a token stands behind `Bearer`.
inline bool fits_header(std::string_view text) {
  return std::ranges::all_of(text, is_visible);
}

/// As a session stands in a list of subprotocols (RFC 9110 section 5.6.2).
inline bool fits_subprotocol(std::string_view text) {
  constexpr std::size_t bytes_max = 256;
  constexpr std::string_view delimiters = "\"(),/:;<=>?@[\\]{}";
  return text.size() <= bytes_max && std::ranges::all_of(text, [&](char c) {
           return is_visible(c) && delimiters.find(c) == std::string_view::npos;
         });
}

} // namespace troupe_client::detail
