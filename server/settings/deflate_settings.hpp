// How messages are compressed, for those who ask for it: `[deflate]`. config.def says what each
// member means. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe {

struct deflate_settings {
  bool enabled = false;
  std::uint32_t level = 3; ///< 1 is fastest, 9 packs best

  /// The Python library `websockets` asks for no more than 12, and more makes messages of a few KiB
  /// no smaller.
  std::uint32_t window_bits = 12;

  std::size_t min_bytes = 256; ///< shorter messages are sent as they are
};

} // namespace troupe
