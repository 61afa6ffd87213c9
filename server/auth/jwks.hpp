// A set of JSON Web Keys (RFC 7517) as the issuers of tokens publish it. Pure.
#pragma once

#include "server/auth/token_key.hpp"
#include "troupe/wire/result.hpp"

#include <string_view>

namespace troupe {

inline constexpr std::size_t jwks_keys_max = 64;

/// The keys that tokens can be checked with, at least one: RSA for RS256, P-256 for ES256, Ed25519
/// for EdDSA, `oct` for HS256. What cannot be used does not spoil the others (RFC 7517 section 5):
/// it is named with its reason. Of keys for other purposes (`use`, `key_ops`) nothing is said. Of
/// the text only a `kid` is repeated.
text_result<keys_found> read_jwks(std::string_view text);

} // namespace troupe
