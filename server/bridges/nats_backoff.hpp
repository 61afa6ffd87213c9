// The delay before the next try to connect to NATS. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe {

inline constexpr std::chrono::milliseconds nats_wait_most{30'000};

/// Before try number `attempt` (from 1): `wait`, doubled with each failure up to half a minute. Of
/// that, between a half and all, as `random` has it: servers that lost NATS at the same time do not
/// come back at the same time.
inline std::chrono::milliseconds nats_wait(std::chrono::milliseconds wait, unsigned attempt,
                                           std::uint32_t random) {
  const auto doublings = std::min(attempt > 0 ? attempt - 1 : 0u, 16u);
  const auto longest = std::max(wait, nats_wait_most);
  const std::int64_t full = std::min(wait * (std::int64_t{1} << doublings), longest).count();
  return std::chrono::milliseconds(full - full / 2 * (random % 1024) / 1024);
}

} // namespace troupe
