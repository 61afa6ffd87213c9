// Which children have listeners to topics by a pattern, as one loop knows it. The outlet of the
// loop writes it, as the directory tells all of them one after the other; the topics of the loop
// read it. So a topic that is made, or has been there for long, looks for itself and asks nobody,
// and where nobody listens by a pattern, a message costs it one comparison.
#pragma once

#include "troupe/pattern_trie.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class pattern_routes {
public:
  /// Somebody behind `child` listens by `pattern` now.
  void add(std::string_view pattern, std::uint32_t child) {
    ++generation_;
    all_.add(pattern).push_back(child);
  }
  /// Nobody does any more.
  void remove(std::string_view pattern, std::uint32_t child) {
    auto* const children = all_.find(pattern);
    if (!children)
      return;
    ++generation_;
    std::erase(*children, child);
    if (children->empty())
      all_.erase(pattern);
  }

  /// Another one after each change; 0 before the first.
  std::uint64_t generation() const { return generation_; }

  /// The children where some pattern matches this topic, each once.
  std::vector<std::uint32_t> children_of(std::string_view topic) const {
    std::vector<std::uint32_t> out;
    all_.for_each_match(topic, [&](const std::vector<std::uint32_t>& children) {
      for (const auto each : children)
        if (std::ranges::find(out, each) == out.end())
          out.push_back(each);
    });
    return out;
  }

private:
  pattern_trie<std::vector<std::uint32_t>> all_;
  std::uint64_t generation_ = 0;
};

/// Those of one topic, looked up when something has changed. Belongs to its actor.
class matching_children {
public:
  const std::vector<std::uint32_t>& of(const pattern_routes& all, std::string_view topic) {
    if (all.generation() != seen_) {
      seen_ = all.generation();
      found_ = all.children_of(topic);
    }
    return found_;
  }

private:
  std::vector<std::uint32_t> found_;
  std::uint64_t seen_ = 0;
};

} // namespace troupe
