// What only some connections have: an identity, for as long as its token is good, and what
// admission gave them to keep. A connection without any of it has a null pointer instead. Pure;
// belongs to its connection's loop.
#pragma once

#include "troupe/runtime/gcra.hpp"
#include "troupe/runtime/timer_wheel.hpp"
#include "troupe/wire/identity.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace troupe {

class session {
public:
  using time_point = timer_wheel::time_point;

  session() = default;
  /// `admission` is held for as long as the connection lives: it is counted among those of its
  /// address and user. `user_budget`, of messages, is shared by all connections of its user and
  /// lives as long as `admission`; may be null.
  session(std::shared_ptr<void> admission, shared_gcra* user_budget)
    : admission_(std::move(admission)),
      user_budget_(user_budget) {}

  /// By its token, or null.
  const identity_ptr& who() const { return who_; }
  shared_gcra* user_budget() const { return user_budget_; }

  /// When its token is no longer good, and the grace is over; `time_point::max()`: never.
  time_point expires() const { return expires_; }
  bool expired(time_point now) const { return now >= expires_; }

  /// It is `who` from now on. `grace` begins when the token ends. The clock of a token is the
  /// wall's, that of deadlines is not: the difference is taken once, here.
  void adopt(identity_ptr who, wall_time wall, time_point now, std::chrono::milliseconds grace);

private:
  identity_ptr who_;
  time_point expires_ = time_point::max();
  std::shared_ptr<void> admission_;
  shared_gcra* user_budget_ = nullptr;
};

} // namespace troupe
