// What the server is told about tokens: `[auth]`. config.def says what each member means. Pure.
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
  std::string secret; ///< empty: HS256 tokens are refused
  bool required = false;
  std::string public_key_file; ///< empty: none
  std::string jwks_file;       ///< empty: none
  auth_algorithm algorithm = auth_algorithm::automatic;
  std::string issuer;   ///< empty: anything
  std::string audience; ///< empty: anything
  std::chrono::milliseconds leeway{30'000};
  std::chrono::milliseconds expiry_grace{10'000};
  rejection reject = rejection::close; ///< of a client without a valid token
};

} // namespace troupe
