// Is the server there? Silence longer than its heartbeat is asked about with a `ping`, and silence
// after that is the end of the connection. Pure: it is told the time.
#pragma once

#include <algorithm>
#include <chrono>

namespace troupe_client::detail {

class watchdog {
public:
  using clock = std::chrono::steady_clock;
  using duration = clock::duration;

  enum class advice { wait, ping, dead };
  struct counsel {
    advice what;
    duration again; ///< look again after that
  };

  void start(clock::time_point now, duration quiet, duration patience) {
    quiet_ = quiet;
    patience_ = patience;
    heard(now);
  }

  void heard(clock::time_point now) {
    heard_ = now;
    pinged_ = false;
  }

  /// Whatever had arrived by now must have been read before.
  counsel look(clock::time_point now) {
    if (pinged_) {
      const auto left = asked_ + patience_ - now;
      return left > duration::zero() ? counsel{advice::wait, left} : counsel{advice::dead, {}};
    }
    const auto left = heard_ + quiet_ - now;
    if (left > duration::zero())
      return {advice::wait, left};
    pinged_ = true;
    asked_ = now;
    return {advice::ping, patience_};
  }

private:
  duration quiet_{};
  duration patience_{};
  clock::time_point heard_{};
  clock::time_point asked_{};
  bool pinged_ = false;
};

} // namespace troupe_client::detail
