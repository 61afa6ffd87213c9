// Who is behind a connection, as a valid token says. Immutable, shared, thread-safe.
#pragma once

#include "troupe/wire/result.hpp"
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

/// Why a token is not taken.
struct token_refusal {
  std::string why{};    ///< for the log: nothing of the token is in it
  bool expired = false; ///< and all else about it is right: a fresh one will do
};

/// Who a token says its bearer is.
using token_verdict = result<identity_ptr, token_refusal>;

} // namespace troupe
