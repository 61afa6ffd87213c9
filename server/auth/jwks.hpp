// A set of JSON Web Keys (RFC 7517) as the issuers of tokens publish it. Pure.
#pragma once

#include "server/auth/token_key.hpp"
#include "troupe/wire/result.hpp"

#include <string_view>

namespace troupe {

inline constexpr std::size_t jwks_keys_max = 64;

/// The keys that tokens can be checked with, at least one: RSA for RS256, P-256 for ES256, Ed25519
/// for EdDSA, `oct` for HS256. Keys for other purposes, algorithms and curves are left out, as the
/// standard asks. One that is broken, or private, is an error, which says nothing of the text.
text_result<token_keys> read_jwks(std::string_view text);

} // namespace troupe
