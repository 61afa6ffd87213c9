// The proof that a connection is counted against its limits, until it ends. Whoever counts makes
// it; what it holds is nobody else's business.
#pragma once

#include "troupe/runtime/gcra.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace troupe {

/// The place of a connection among those of its user. A newer one may have it when this one is on
/// its way out, or has not given a sign of life when it should have: a client whose network has
/// failed comes back long before the old connection is found dead. Thread-safe.
class user_place {
public:
  /// Its connection is leaving, or has missed a heartbeat.
  void doubt() { change(state::living, state::doubtful); }
  /// Its connection lives after all. False: a newer one has its place.
  bool vouch() {
    change(state::doubtful, state::living);
    return !lost();
  }
  /// For a newer one: whether the place is its own now.
  bool take() { return change(state::doubtful, state::lost); }

  bool lost() const { return state_.load(std::memory_order_relaxed) == state::lost; }

private:
  enum class state : std::uint8_t { living, doubtful, lost };

  bool change(state from, state to) {
    return state_.compare_exchange_strong(from, to, std::memory_order_relaxed);
  }

  std::atomic<state> state_{state::living};
};

struct admission {
  std::shared_ptr<void> held{}; ///< null when nothing is counted
  /// Messages, of all connections of its user; lives as long as `held`. Null: no limit, or no user.
  shared_gcra* user_budget{};
  /// Where it stands among those; lives as long as `held`. Null: its user may have any number.
  user_place* place{};
};

} // namespace troupe
