// The delay before the next try of something that failed: it doubles, up to a maximum. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe {

class backoff {
public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds first{250};
  static constexpr std::chrono::milliseconds most{30'000};
  /// A failure this long after the one before counts as the first.
  static constexpr std::chrono::milliseconds forgotten_after{60'000};

  /// It failed at `now`.
  void failed(time_point now) {
    if (now - last_ > forgotten_after)
      failures_ = 0;
    last_ = now;
    until_ =
      now + std::min<std::chrono::milliseconds>(first * (1u << std::min(failures_, 10u)), most);
    ++failures_;
  }

  /// When it may be tried again.
  time_point until() const { return until_; }
  bool waits(time_point now) const { return failures_ > 0 && now < until_; }
  bool forgotten(time_point now) const { return now - last_ > forgotten_after; }

private:
  time_point last_{};
  time_point until_{};
  std::uint32_t failures_ = 0;
};

} // namespace troupe
