// The clock that everything is timed by: CLOCK_MONOTONIC, which all processes share. Thread-safe.
#pragma once

#include <cstdint>

namespace troupe::bench {

std::uint64_t now_ns() noexcept;
void sleep_until(std::uint64_t ns) noexcept;
void sleep_for(double seconds) noexcept;

inline std::uint64_t nanoseconds(double seconds) noexcept {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

} // namespace troupe::bench
