#include "server/bridges/warning_throttle.hpp"

namespace troupe {

bool warning_throttle::tell(std::string_view said, time_point now) {
  std::erase_if(told_, [now](const auto& each) { return now - each.second >= every; });
  if (told_.size() >= told_max || told_.contains(said))
    return false;
  told_.emplace(said, now);
  return true;
}

} // namespace troupe
