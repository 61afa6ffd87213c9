// What a room draws from: the n-th draw is a keyed hash of n. Whoever has seen any number of draws
// can no more tell the next one than the key, unlike with a generator that shows its state. Pure.
#pragma once

#include "troupe/wire/keyed_hash.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

namespace troupe {

class secret_draws {
public:
  using result_type = std::uint64_t;

  explicit secret_draws(std::uint64_t key) : hash_(key, purpose) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  result_type operator()() {
    std::array<char, sizeof(drawn_)> number;
    std::memcpy(number.data(), &drawn_, number.size());
    ++drawn_;
    return hash_({number.data(), number.size()});
  }

  /// Uniform in `[0, below)`.
  std::uint64_t below(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(*this);
  }

private:
  static constexpr std::uint64_t purpose = 0x6472617773212121u;

  keyed_hash hash_;
  std::uint64_t drawn_ = 0;
};

} // namespace troupe
