// Time since the machine was started, with that in which it slept: how old a token is, whatever is
// done to the wall clock.
#pragma once

#include <chrono>

#include <time.h>

namespace troupe_client::detail {

inline std::chrono::nanoseconds since_boot() {
#ifdef CLOCK_BOOTTIME
  timespec now{};
  if (clock_gettime(CLOCK_BOOTTIME, &now) == 0)
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
#endif
  return std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace troupe_client::detail
