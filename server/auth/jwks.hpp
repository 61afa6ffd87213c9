// A set of JSON Web Keys (RFC 7517) as the issuers of tokens publish it. Pure.
#pragma once

#include "server/auth/token_key.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace troupe {

inline constexpr std::size_t jwks_keys_max = 64;

/// The keys that tokens can be checked with, at least one: RSA for RS256, P-256 for ES256, Ed25519
/// for EdDSA, `oct` for HS256. Keys for other purposes, algorithms and curves are left out, as the
/// standard asks. One that is broken, or private, makes the set wrong: what comes back then says
/// why, and nothing of the text.
std::variant<token_keys, std::string> read_jwks(std::string_view text);

} // namespace troupe
