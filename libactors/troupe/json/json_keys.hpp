// Finds duplicate keys in the objects that a scan is inside of. Belongs to one scan, on one thread.
//
// Most objects have few keys, which differ in length or in a letter. Each open object has 64 bits
// and each key sets one of them, chosen by its length and three of its letters: as long as no bit
// is set twice, there is no duplicate, and no two keys have been compared.
#pragma once

#include "troupe/json/json_scan.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class json_keys {
public:
  explicit json_keys(std::string_view text);
  ~json_keys();
  json_keys(const json_keys&) = delete;
  json_keys& operator=(const json_keys&) = delete;

  /// An object begins, inside of at most 63 others.
  void open() { open_[depth_++] = {list_.size(), 0}; }

  /// The innermost object has this key.
  void add(const json_slice& key) {
    auto& inside = open_[depth_ - 1];
    std::uint64_t bit = compare;
    if (key.escaped) {
      add_escaped(key);
    } else {
      list_.push_back({key.text, key.text.data()});
      bit = std::uint64_t{1} << mark(key.text);
    }
    inside.seen = (inside.seen & bit) != 0 ? compare : inside.seen | bit;
  }

  /// The innermost object ends. Where the first key begins that was there already, or null.
  const char* close() {
    const auto& inside = open_[--depth_];
    const char* const twice = inside.seen == compare ? first_repeated(inside.begin) : nullptr;
    list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(inside.begin), list_.end());
    return twice;
  }

private:
  struct entry {
    std::string_view key; ///< without escapes
    const char* at;       ///< in the text
  };
  struct object {
    std::size_t begin; ///< of its keys in list_
    std::uint64_t seen;
  };

  /// All bits: two keys may be the same, or one is escaped.
  static constexpr std::uint64_t compare = ~std::uint64_t{0};

  static unsigned mark(std::string_view key) {
    if (key.empty())
      return 0;
    const auto letter = [key](std::size_t at) {
      return std::uint64_t{static_cast<unsigned char>(key[at])};
    };
    const auto mixed =
      key.size() << 24 | letter(0) << 16 | letter(key.size() / 2) << 8 | letter(key.size() - 1);
    return static_cast<unsigned>(mixed * 0x9e3779b97f4a7c15 >> 58);
  }

  void add_escaped(const json_slice& key);
  const char* first_repeated(std::size_t begin);

  std::vector<entry>& list_; ///< the thread's: costs no allocation once it is warm
  const std::size_t base_;   ///< what was in it before
  const std::size_t text_bytes_;
  unsigned depth_ = 0;
  object open_[64];       ///< the first depth_ are in use
  std::string unescaped_; ///< what the keys of entries that had escapes point into
};

} // namespace troupe
