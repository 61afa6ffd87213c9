#include "server/log/repeated_lines.hpp"

#include <algorithm>

namespace troupe {

bool repeated_lines::tell(const line_kind& kind, time_point now) {
  static const line_kind others{"other lines"};
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    if (kinds_.size() >= kinds_max && kind != others)
      return tell(others, now);
    found = kinds_.emplace(kind, counted{now + window}).first;
  }
  auto& each = found->second;
  // Counted ones wait to be taken; until then the window goes on.
  if (now >= each.until && each.more == 0)
    each = {now + window};
  if (each.told < told_max) {
    ++each.told;
    return true;
  }
  ++each.more;
  return false;
}

std::vector<repeated_lines::sum> repeated_lines::take_due(time_point now) {
  std::vector<sum> out;
  for (const auto& [kind, each] : kinds_)
    if (now >= each.until && each.more > 0)
      out.push_back({kind, each.more});
  std::erase_if(kinds_, [now](const auto& each) { return now >= each.second.until; });
  return out;
}

repeated_lines::time_point repeated_lines::next_due() const {
  auto next = time_point::max();
  for (const auto& [kind, each] : kinds_)
    if (each.more > 0)
      next = std::min(next, each.until);
  return next;
}

} // namespace troupe
