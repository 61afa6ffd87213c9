// Deadlines of many things at the price of one timer. Pure; belongs to one I/O loop.
//
// A hashed wheel: a deadline is a list node inside its owner, so arming, moving and cancelling cost
// a few pointer writes and no memory. Deadlines beyond one turn of the wheel wait in their slot and
// are looked at once a turn. Precision is one tick: nothing fires early.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace troupe {

class timer_wheel {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  static constexpr std::chrono::milliseconds tick{20};
  static constexpr std::size_t slots = 2048; // one turn: 41 s

  /// A place in the wheel. Cancels itself when it goes.
  class deadline {
  public:
    deadline() = default;
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;
    virtual ~deadline() { cancel(); }

    bool armed() const { return previous_ != nullptr; }
    void cancel();

  protected:
    /// The time has come. May arm itself again.
    virtual void on_deadline(time_point now) = 0;

  private:
    friend class timer_wheel;
    deadline* previous_ = nullptr;
    deadline* next_ = nullptr;
    timer_wheel* wheel_ = nullptr;
    std::uint64_t due_ = 0; // tick number
  };

  explicit timer_wheel(time_point start);
  ~timer_wheel();

  /// Arms `d`, or moves it, to fire at the first tick at or after `when`.
  void arm(deadline& d, time_point when);

  /// Fires all that is due by `now`.
  void advance(time_point now);

  /// When `advance` is needed next, or never. Not later than any deadline; may be earlier.
  /// Not from inside `on_deadline`.
  std::optional<time_point> next_due() const;

  /// Whether somebody must call `advance` every tick.
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

private:
  struct head final : deadline {
    void on_deadline(time_point) override {}
  };

  void link(deadline& d, head& list);

  time_point start_;
  std::uint64_t now_ = 0; // the last tick that was fired
  std::size_t count_ = 0;
  std::array<head, slots> slots_;
};

} // namespace troupe
