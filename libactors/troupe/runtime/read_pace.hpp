// How much a loop reads before it carries out what was said, so that no turn takes long, however
// many clients speak at once: the rest waits, and they take turns. Pure.
//
// What reading costs shows only when the actors have done what was asked, so it is learned: after a
// long turn less is read than before, after a short one twice as much as was allowed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe {

class read_pace {
public:
  using duration = std::chrono::nanoseconds;

  /// Longer turns are made shorter.
  static constexpr duration turn_max = std::chrono::milliseconds{2};
  /// So much is read in any turn, or a broadcast to very many would keep others from being
  /// gathered.
  static constexpr std::uint64_t units_min = 128;
  /// Nobody knows yet what it is that so many begin to say.
  static constexpr std::uint64_t units_max = 512;

  /// Of a request that may have to make a room or topic, besides its own.
  static constexpr std::uint64_t units_of_a_new_name = 3;

  /// Something was read. A unit is about what it takes to carry out a simple request.
  void charge(std::uint64_t units) { read_ += units; }

  /// Whether the rest is to wait.
  bool spent() const { return read_ >= allowed_; }

  /// All that was read is carried out, and that took so long.
  void carried_out(duration took) {
    const auto next = took > turn_max ? read_ * static_cast<std::uint64_t>(turn_max.count()) /
                                          static_cast<std::uint64_t>(took.count())
                                      : 2 * allowed_;
    allowed_ = std::clamp(next, units_min, units_max);
    read_ = 0;
  }

private:
  std::uint64_t allowed_ = units_max;
  std::uint64_t read_ = 0;
};

} // namespace troupe
