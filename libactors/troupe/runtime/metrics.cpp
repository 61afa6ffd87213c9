#include "troupe/runtime/metrics.hpp"

#include <algorithm>

namespace troupe {

void duration_histogram::observe(std::chrono::nanoseconds took) {
  // Two threads read the clock: it may seem to have gone back.
  const std::int64_t ns = std::max<std::int64_t>(took.count(), 0);
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), ns) - bounds.begin();
  buckets_[static_cast<std::size_t>(bucket)].add();
  sum_.add(static_cast<std::uint64_t>(ns));
}

void loop_metrics::closed(close_code why) {
  const auto place = std::find(close_codes.begin(), close_codes.end(), why) - close_codes.begin();
  closes_[static_cast<std::size_t>(place)].add();
}

void loop_metrics::answered(unsigned status) {
  const auto last = http_statuses.end() - 1;
  answers_[static_cast<std::size_t>(std::find(http_statuses.begin(), last, status) -
                                    http_statuses.begin())]
    .add();
}

loop_metrics& core_metrics::of_loop(std::uint32_t number) {
  while (loops_.size() <= number)
    loops_.emplace_back();
  return loops_[number];
}

} // namespace troupe
