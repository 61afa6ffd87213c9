// How often a client may say something: its own rate, the one its user's connections share, and how
// long it may go on when that is used up. Pure; belongs to its connection's loop.
#pragma once

#include "troupe/runtime/gcra.hpp"
#include "troupe/wire/limits.hpp"

#include <cstdint>

namespace troupe {

class message_budget {
public:
  /// Takes one message: zero. Or refuses it, and says how long until there will be one. `users` is
  /// what all connections of its user share, or null.
  gcra::duration take(const limits& bounds, shared_gcra* users, gcra::time_point now) {
    auto wait = own_.take(rate::per_minute(bounds.messages_per_minute, bounds.messages_burst), now);
    if (wait == gcra::duration::zero() && users)
      wait = users->take(
        rate::per_minute(bounds.user_messages_per_minute, bounds.user_messages_burst), now);
    if (wait > gcra::duration::zero())
      ++refusals_;
    else if (refusals_ > 0)
      --refusals_;
    return wait;
  }

  /// It goes on regardless: so many more were refused than were taken since.
  bool kept_up(const limits& bounds) const { return refusals_ >= bounds.rate_refusals_max; }

private:
  gcra own_;
  std::uint32_t refusals_ = 0; // less the messages taken since
};

} // namespace troupe
