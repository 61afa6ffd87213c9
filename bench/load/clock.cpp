#include "clock.hpp"

#include <cerrno>
#include <ctime>

namespace troupe::bench {

std::uint64_t now_ns() noexcept {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(t.tv_nsec);
}

void sleep_until(std::uint64_t ns) noexcept {
  const timespec t{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
  }
}

void sleep_for(double seconds) noexcept {
  sleep_until(now_ns() + nanoseconds(seconds));
}

} // namespace troupe::bench
