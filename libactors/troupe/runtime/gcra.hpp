// A rate limit: the generic cell rate algorithm (ITU-T I.371), which is a token bucket whose whole
// state is one point in time. Pure; `shared_gcra` is thread-safe.
//
// The state is the time at which the next event would be due if all came evenly. An event that is
// early by no more than the tolerance passes. So a burst may run ahead, and waiting pays for it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace troupe {

/// So many in a time, and so many at once. Default: no limit.
struct rate {
  std::chrono::nanoseconds interval{0};  ///< from one to the next in the long run; 0: no limit
  std::chrono::nanoseconds tolerance{0}; ///< how early one may come

  static constexpr rate of(std::uint32_t count, std::chrono::nanoseconds per, std::uint32_t burst) {
    if (count == 0)
      return {};
    const auto interval = std::max(per / count, std::chrono::nanoseconds{1});
    return {interval, interval * (burst > 0 ? burst - 1 : 0)};
  }
  /// `burst` 0: as many as in a minute, at most 1,000.
  static constexpr rate per_minute(std::uint32_t count, std::uint32_t burst) {
    return of(count, std::chrono::minutes{1}, burst > 0 ? burst : std::min(count, 1'000u));
  }
  static constexpr rate per_second(std::uint32_t count, std::uint32_t burst) {
    return of(count, std::chrono::seconds{1}, burst);
  }

  constexpr bool unlimited() const { return interval.count() == 0; }
};

/// The state of one who is limited. Eight bytes; a new one has its whole burst.
class gcra {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::nanoseconds;

  /// Takes one: zero. Or takes none, and says how long until there will be one.
  duration take(const rate& allowed, time_point now) {
    if (allowed.unlimited())
      return duration::zero();
    if (const duration wait = due_ - allowed.tolerance - now; wait > duration::zero())
      return wait;
    due_ = std::max(due_, now) + allowed.interval;
    return duration::zero();
  }

  /// Whether the whole burst is there again.
  bool full(time_point now) const { return due_ <= now; }

private:
  friend class shared_gcra;
  time_point due_{};
};

/// The same for several who share one budget on different threads.
class shared_gcra {
public:
  using time_point = gcra::time_point;
  using duration = gcra::duration;

  duration take(const rate& allowed, time_point now) {
    if (allowed.unlimited())
      return duration::zero();
    gcra before;
    before.due_ = due_.load(std::memory_order_relaxed);
    while (true) {
      gcra after = before;
      if (const auto wait = after.take(allowed, now); wait > duration::zero())
        return wait;
      if (due_.compare_exchange_weak(before.due_, after.due_, std::memory_order_relaxed))
        return duration::zero();
    }
  }

  bool full(time_point now) const { return due_.load(std::memory_order_relaxed) <= now; }

private:
  std::atomic<time_point> due_{time_point{}};
};

} // namespace troupe
