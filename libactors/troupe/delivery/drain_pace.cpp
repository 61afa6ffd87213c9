#include "troupe/delivery/drain_pace.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe {

namespace {

using seconds = std::chrono::duration<double>;

double even_pace(std::size_t count, std::chrono::milliseconds within) {
  if (within.count() <= 0)
    return 0; // all are due at once
  return std::max(static_cast<double>(count) / seconds{within}.count(), drain_pace::per_second_min);
}

} // namespace

drain_pace::drain_pace(time_point begin, std::size_t count, std::chrono::milliseconds within,
                       double per_second)
  : begin_(begin),
    count_(std::max<std::size_t>(count, 1)),
    within_(within),
    per_second_(per_second > 0 ? per_second : even_pace(count, within)) {}

std::size_t drain_pace::due(time_point now) const {
  if (now >= begin_ + within_)
    return SIZE_MAX;
  if (now < begin_)
    return 0;
  return 1 + static_cast<std::size_t>(per_second_ * seconds{now - begin_}.count());
}

std::chrono::milliseconds drain_pace::after(std::size_t i) const {
  return within_ * static_cast<std::int64_t>(i % count_) / static_cast<std::int64_t>(count_);
}

} // namespace troupe
