// Budgets of many (rates, by connection or by name), each kept only while it is not whole. Pure.
#pragma once

#include "troupe/runtime/gcra.hpp"

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace troupe {

/// `Map` leads from who has a budget to its `gcra`.
template <class Map>
class budget_table {
public:
  /// Takes one from the budget of `whose`: zero. Or takes none, and says how long until there will
  /// be one.
  gcra::duration take(typename Map::key_type whose, const rate& allowed, gcra::time_point now) {
    if (allowed.unlimited())
      return gcra::duration::zero();
    if (budgets_.size() > 2 * left_by_sweep_ + entries_min)
      sweep(now);
    return budgets_[std::move(whose)].take(allowed, now);
  }

  std::size_t size() const { return budgets_.size(); }

private:
  static constexpr std::size_t entries_min = 64;

  void sweep(gcra::time_point now) {
    std::erase_if(budgets_, [now](const auto& each) { return each.second.full(now); });
    left_by_sweep_ = budgets_.size();
  }

  Map budgets_;
  std::size_t left_by_sweep_ = 0;
};

} // namespace troupe
