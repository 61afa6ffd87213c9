// Tells when an audience has been empty for long enough, with at most one timer running, however
// much happens meanwhile. Pure: its actor has the clock and the timer.
#pragma once

#include <caf/actor_clock.hpp>

#include <utility>

namespace troupe {

class idle_watch {
public:
  using time_point = caf::actor_clock::time_point;
  using duration = caf::actor_clock::duration_type;

  explicit idle_watch(duration patience) : patience_(patience) {}

  /// It is used at `now`. How long a timer is to be set for; zero: one is under way.
  duration touch(time_point now) {
    idle_at_ = now + patience_;
    return std::exchange(armed_, true) ? duration::zero() : patience_;
  }

  /// The timer is over. How long another is to be set for; zero: it was left alone.
  duration fired(time_point now) {
    armed_ = idle_at_ > now;
    return armed_ ? idle_at_ - now : duration::zero();
  }

  /// The timer is over, and nobody asks.
  void stop() { armed_ = false; }

private:
  const duration patience_;
  time_point idle_at_{};
  bool armed_ = false;
};

} // namespace troupe
