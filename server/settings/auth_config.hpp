// What the server is told about tokens: `[auth]`. Pure.
#pragma once

#include "server/settings/rejection.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// How tokens may be signed: as the key says (a secret, a PEM file, each key of a JWKS file), or
/// only as this says. Never as the token says.
enum class auth_algorithm : std::uint8_t { automatic, hs256, rs256, es256, eddsa };
inline constexpr std::array<std::string_view, 5> auth_algorithm_names{"auto", "HS256", "RS256",
                                                                      "ES256", "EdDSA"};

struct auth_config {
  /// Signs HS256 tokens; empty: none are accepted.
  std::string secret;

  /// Nobody comes in without a valid token.
  bool required = false;

  /// Public keys: PEM (`BEGIN PUBLIC KEY`), and a JWK set. Read again when they change.
  std::string public_key_file;
  std::string jwks_file;
  auth_algorithm algorithm = auth_algorithm::automatic;

  /// What the claims `iss` and `aud` must say; empty: anything.
  std::string issuer;
  std::string audience;

  /// How far clocks may differ, for `exp`, `nbf` and `iat`.
  std::chrono::milliseconds leeway{30'000};

  /// How long a connection stays when its token has expired.
  std::chrono::milliseconds expiry_grace{10'000};

  rejection reject = rejection::close;
};

} // namespace troupe
