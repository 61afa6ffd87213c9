// Something for each of many patterns of names, found by a name that they match: what that costs
// depends on the patterns that match, and on those that begin to, not on how many there are. Pure.
//
// A pattern is a name in which any part may be `*`, one part, and the last one `>`, one or more.
#pragma once

#include "troupe/wire/keyed_map.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

template <class Value>
class pattern_trie {
public:
  /// How many patterns have something.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// What this pattern has, or null.
  Value* find(std::string_view pattern) {
    node* at = &root_;
    for (bool last = false; !last;) {
      const auto part = take_part(pattern, last);
      if (part == ">")
        return pointer(at->rest);
      at = next(*at, part);
      if (!at)
        return nullptr;
    }
    return pointer(at->here);
  }

  /// What this pattern has: a `Value{}`, if it had nothing. Valid until it is taken away.
  Value& add(std::string_view pattern) {
    node* at = &root_;
    for (bool last = false; !last;) {
      const auto part = take_part(pattern, last);
      if (part == ">")
        return fill(at->rest);
      auto& place = part == "*" ? at->any : at->texts[std::string(part)];
      if (!place)
        place = std::make_unique<node>();
      at = place.get();
    }
    return fill(at->here);
  }

  /// Takes away what this pattern has; false: it had nothing.
  bool erase(std::string_view pattern) {
    if (!erase_below(root_, pattern, false))
      return false;
    --size_;
    return true;
  }

  /// Calls `f(value)` for each pattern that matches `name`. Returns how many nodes were looked at.
  template <class F>
  std::size_t for_each_match(std::string_view name, F f) const {
    return match(root_, name, false, f);
  }
  bool matches(std::string_view name) const {
    bool found = false;
    for_each_match(name, [&](const Value&) { found = true; });
    return found;
  }

private:
  struct node {
    keyed_map<std::string, std::unique_ptr<node>> texts;
    std::unique_ptr<node> any;
    std::optional<Value> here; // of the pattern that ends here
    std::optional<Value> rest; // of the one that ends with `>` behind this

    bool bare() const { return texts.empty() && !any && !here && !rest; }
  };

  static std::string_view take_part(std::string_view& text, bool& last) {
    const auto dot = text.find('.');
    last = dot == std::string_view::npos;
    const auto part = text.substr(0, dot);
    text.remove_prefix(last ? text.size() : dot + 1);
    return part;
  }

  static Value* pointer(std::optional<Value>& place) { return place ? &*place : nullptr; }

  Value& fill(std::optional<Value>& place) {
    if (!place) {
      place.emplace();
      ++size_;
    }
    return *place;
  }

  static node* next(node& at, std::string_view part) {
    if (part == "*")
      return at.any.get();
    const auto found = at.texts.find(part);
    return found == at.texts.end() ? nullptr : found->second.get();
  }

  // A pattern is as deep as a name is long, at most.
  static bool erase_below(node& at, std::string_view pattern, bool ended) {
    if (ended)
      return std::exchange(at.here, std::nullopt).has_value();
    bool last = false;
    const auto part = take_part(pattern, last);
    if (part == ">")
      return std::exchange(at.rest, std::nullopt).has_value();
    node* const below = next(at, part);
    if (!below || !erase_below(*below, pattern, last))
      return false;
    if (!below->bare())
      return true;
    if (part == "*")
      at.any.reset();
    else
      at.texts.erase(at.texts.find(part));
    return true;
  }

  template <class F>
  static std::size_t match(const node& at, std::string_view name, bool ended, F& f) {
    std::size_t looked = 1;
    if (ended) {
      if (at.here)
        f(*at.here);
      return looked;
    }
    if (at.rest)
      f(*at.rest);
    bool last = false;
    const auto part = take_part(name, last);
    if (!at.texts.empty())
      if (const auto found = at.texts.find(part); found != at.texts.end())
        looked += match(*found->second, name, last, f);
    if (at.any)
      looked += match(*at.any, name, last, f);
    return looked;
  }

  node root_;
  std::size_t size_ = 0;
};

} // namespace troupe
