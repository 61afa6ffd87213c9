// The proof that a connection is counted against its limits, until it ends. Whoever counts makes
// it; what it holds is nobody else's business.
#pragma once

#include "troupe/runtime/gcra.hpp"

#include <memory>

namespace troupe {

struct admission {
  std::shared_ptr<void> held{}; ///< null when nothing is counted
  /// Messages, of all connections of its user; lives as long as `held`. Null: no limit, or no user.
  shared_gcra* user_budget{};
};

} // namespace troupe
