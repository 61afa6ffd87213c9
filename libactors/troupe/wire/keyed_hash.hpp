// A hash that nobody outside can aim at: SipHash-2-4 (Aumasson and Bernstein, 2012) under a key
// that is secret and drawn anew at each start. For names that clients choose. Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe {

class keyed_hash {
public:
  /// The two halves of the key.
  constexpr keyed_hash(std::uint64_t first, std::uint64_t second)
    : first_(first),
      second_(second) {}

  std::uint64_t operator()(std::string_view text) const {
    state s{first_ ^ 0x736f6d6570736575u, second_ ^ 0x646f72616e646f6du,
            first_ ^ 0x6c7967656e657261u, second_ ^ 0x7465646279746573u};
    const char* at = text.data();
    for (auto words = text.size() / 8; words > 0; --words, at += 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      s.take(word);
    }
    std::uint64_t last = std::uint64_t{text.size()} << 56;
    std::memcpy(&last, at, text.size() % 8);
    s.take(last);
    return s.finish();
  }

private:
  static_assert(std::endian::native == std::endian::little); // as the words are read

  struct state {
    std::uint64_t v0, v1, v2, v3;

    void round() {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
      v3 ^= word;
      round();
      round();
      v0 ^= word;
    }
    std::uint64_t finish() {
      v2 ^= 0xff;
      round();
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }
  };

  std::uint64_t first_;
  std::uint64_t second_;
};

} // namespace troupe
