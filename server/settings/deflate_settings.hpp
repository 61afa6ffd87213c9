// How messages are compressed, for those who ask for it: `[deflate]`. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe {

struct deflate_settings {
  /// Whether it is offered at all.
  bool enabled = false;

  /// 1 is fastest, 9 packs best.
  std::uint32_t level = 3;

  /// How far back a repetition is looked for: 2^window_bits bytes. The Python library `websockets`
  /// asks for no more than 12, and more makes messages of a few KiB no smaller.
  std::uint32_t window_bits = 12;

  /// Shorter messages are sent as they are: there is little to gain.
  std::size_t min_bytes = 256;
};

} // namespace troupe
