// The envelope of a token (RFC 7515, compact form): header, payload, signature. Pure.
//
// Nothing here is believed yet: the payload stays unread until the signature has been checked.
#pragma once

#include "server/auth/algorithm.hpp"
#include "troupe/wire/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

inline constexpr std::size_t token_bytes_max = 8 * 1024;

struct jwt {
  token_algorithm algorithm;
  std::optional<std::string> key_id; ///< `kid`
  std::string_view signed_text;      ///< part of the token
  std::string payload;
  std::string signature;
};

/// Takes `token` apart; it must outlive what comes back. An error holds nothing of the token.
text_result<jwt> parse_jwt(std::string_view token);

} // namespace troupe
