// How many listeners an audience has behind each of its children: each loop's outlet, today. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe {

class child_counts {
public:
  void add(std::uint32_t child) {
    if (counts_.size() <= child)
      counts_.resize(child + 1);
    ++counts_[child];
    ++total_;
  }
  /// There must be one.
  void remove(std::uint32_t child) {
    --counts_[child];
    --total_;
  }

  std::size_t total() const { return total_; }
  std::uint32_t of(std::uint32_t child) const {
    return child < counts_.size() ? counts_[child] : 0;
  }

  /// Calls `f(child)` for each that has listeners.
  template <class F>
  void for_each(F f) const {
    for (std::uint32_t child = 0; child < counts_.size(); ++child)
      if (counts_[child] > 0)
        f(child);
  }

private:
  std::vector<std::uint32_t> counts_; // by number of the child
  std::size_t total_ = 0;
};

} // namespace troupe
