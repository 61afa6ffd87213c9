// Hash tables whose keys come from outside: names, users, addresses. Whoever chooses the keys must
// not be able to choose their buckets, or a table becomes a list. Pure; the hash may be used by any
// thread.
//
// tests/architecture_test.py holds the tree to them: a plain `std::unordered_map` is for numbers
// that the server gives out itself.
#pragma once

#include "troupe/wire/keyed_hash.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <random>
#include <string_view>
#include <unordered_map>

namespace troupe {

/// What may be hashed besides text: it shows the bytes that tell it from others.
template <class Key>
concept has_key_bytes = requires(const Key& key) {
  { key.key_bytes() } -> std::convertible_to<std::string_view>;
};

/// Under one key for the whole process, drawn at its first use and shown to nobody.
struct outside_hash {
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const { return key()(text); }
  std::size_t operator()(const has_key_bytes auto& key) const { return (*this)(key.key_bytes()); }

private:
  static const keyed_hash& key() {
    static const keyed_hash drawn = [] {
      std::random_device random;
      const auto half = [&] { return std::uint64_t{random()} << 32 | random(); };
      const auto first = half();
      return keyed_hash(first, half());
    }();
    return drawn;
  }
};

/// Of keys from outside. Finds by `std::string_view`, too.
template <class Key, class Value>
using keyed_map = std::unordered_map<Key, Value, outside_hash, std::equal_to<>>;

} // namespace troupe
