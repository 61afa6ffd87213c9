// What only some connections have: an identity, and what admission gave them to keep. A connection
// without any of it has a null pointer instead. Belongs to its connection's loop.
#pragma once

#include "troupe/runtime/gcra.hpp"
#include "troupe/runtime/timer_wheel.hpp"
#include "troupe/wire/identity.hpp"

#include <memory>

namespace troupe {

struct session {
  identity_ptr who; ///< or null
  /// When its token is no longer good, grace included.
  timer_wheel::time_point expires = timer_wheel::time_point::max();
  /// Held for as long as the connection lives: it is counted among those of its address and user.
  std::shared_ptr<void> admission;
  /// Of messages, shared by all connections of its user; lives as long as `admission`. Or null.
  shared_gcra* user_budget = nullptr;
};

} // namespace troupe
