// Who is behind a connection, as a valid token says. Immutable, shared, thread-safe.
#pragma once

#include "troupe/wire/timestamp.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct identity {
  std::string user_id;  ///< claim `user_id`, else `sub`
  std::string username; ///< claim `username`, else `user_id`
  std::vector<std::string> roles;
  std::vector<std::string> permissions; ///< such as `subscribe:orders.*`
  std::string token_id;                 ///< claim `jti`, or empty
  std::optional<wall_time> expires;     ///< claim `exp`

  bool has_role(std::string_view role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
};

/// Null: anonymous.
using identity_ptr = std::shared_ptr<const identity>;

} // namespace troupe
