// Decides which of the errors that NATS reports go to the log: each only once in a while. Pure; one
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace troupe {

class warning_throttle {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// True when `said` is to be told now: it was not within the last `every`.
  bool tell(std::string_view said, time_point now);

  static constexpr std::chrono::minutes every{1};
  /// Different ones that are told within that time.
  static constexpr std::size_t told_max = 64;

private:
  std::map<std::string, time_point, std::less<>> told_;
};

} // namespace troupe
