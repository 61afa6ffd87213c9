// How somebody who may not come in is told. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe {

enum class rejection : std::uint8_t {
  close, ///< the handshake completes, then a close with 1008, which a browser can tell its page
  http   ///< an HTTP status
};
inline constexpr std::array<std::string_view, 2> rejection_names{"close", "http"};

} // namespace troupe
