// How fast the connections of one loop are closed when the server is to end, and when each should
// come back: spread out, so that nowhere a herd arrives. Pure.
#pragma once

#include "troupe/runtime/timer_wheel.hpp"

#include <chrono>
#include <cstddef>

namespace troupe {

class drain_pace {
public:
  using time_point = timer_wheel::time_point;

  /// So few are no herd: spread evenly, connections are closed at least this fast.
  static constexpr double per_second_min = 100;

  /// `count` connections from `begin` on, all of them `within` that time; at `per_second`, or with
  /// 0 spread evenly.
  drain_pace(time_point begin, std::size_t count, std::chrono::milliseconds within,
             double per_second);

  /// How many should have been closed by `now`: any number once the time is over.
  std::size_t due(time_point now) const;

  /// After how long the `i`-th that is closed should come back: they take turns over the whole
  /// time.
  std::chrono::milliseconds after(std::size_t i) const;

private:
  const time_point begin_;
  const std::size_t count_;
  const std::chrono::milliseconds within_;
  const double per_second_;
};

} // namespace troupe
