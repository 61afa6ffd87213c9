// The algorithms that tokens may be signed by (RFC 7518 section 3, RFC 8037). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe {

enum class token_algorithm : std::uint8_t { hs256, rs256, es256, eddsa };

inline constexpr std::array<std::string_view, 4> token_algorithm_names{"HS256", "RS256", "ES256",
                                                                       "EdDSA"};

constexpr std::string_view name_of(token_algorithm algorithm) {
  return token_algorithm_names[static_cast<std::size_t>(algorithm)];
}

/// By its exact name: upper and lower case differ, and `none` is no algorithm.
constexpr std::optional<token_algorithm> algorithm_named(std::string_view name) {
  for (std::size_t i = 0; i < token_algorithm_names.size(); ++i)
    if (token_algorithm_names[i] == name)
      return static_cast<token_algorithm>(i);
  return std::nullopt;
}

} // namespace troupe
