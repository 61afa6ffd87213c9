// One page of a set of names that is kept in no order: the first few behind a given one. Pure.
#pragma once

#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Takes every name of the set, in any order; keeps the first `limit` behind `after`, each once.
/// Costs a comparison for each name that is not kept. The names must stay where they are.
class name_page {
public:
  name_page(std::string_view after, std::size_t limit) : after_(after), limit_(limit) {}

  void consider(std::string_view name) {
    if (name <= after_)
      return;
    if (kept_.size() == limit_) {
      more_ = more_ || (limit_ == 0 || !kept_.contains(name));
      if (limit_ == 0 || name >= *kept_.rbegin())
        return;
    }
    kept_.insert(name);
    if (kept_.size() > limit_)
      kept_.erase(std::prev(kept_.end()));
  }

  const std::set<std::string_view>& names() const { return kept_; }
  /// Whether there are names behind the last of these.
  bool more() const { return more_; }

private:
  std::string_view after_;
  std::size_t limit_;
  std::set<std::string_view> kept_;
  bool more_ = false;
};

} // namespace troupe
