// The delay before the next attempt: full jitter, so that those who lost the server together do not
// come back together. Pure.
#pragma once

#include <algorithm>
#include <chrono>

namespace troupe_client::detail {

class backoff {
public:
  using milliseconds = std::chrono::milliseconds;

  backoff(milliseconds base, milliseconds max) : base_(base), max_(std::max(base, max)) {}

  /// Uniform in [0, min(max, base * 2^n)), but at least a tenth of `base` (and a millisecond);
  /// `random` is in [0, 1). Each call doubles the next.
  milliseconds next(double random) {
    constexpr unsigned doublings_max = 30;
    const auto most = std::min(max_, base_ * (std::int64_t{1} << n_));
    if (n_ < doublings_max)
      ++n_;
    const milliseconds drawn(static_cast<std::int64_t>(random * static_cast<double>(most.count())));
    return std::max({drawn, base_ / 10, milliseconds(1)});
  }

  void reset() { n_ = 0; }

private:
  milliseconds base_;
  milliseconds max_;
  unsigned n_ = 0;
};

} // namespace troupe_client::detail
