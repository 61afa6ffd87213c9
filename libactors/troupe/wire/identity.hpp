// Who is behind a connection, as a valid token says. Immutable, shared, thread-safe.
#pragma once

#include "troupe/wire/result.hpp"
#include "troupe/wire/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

struct identity {
  std::string user_id;  ///< claim `user_id`, else `sub`
  std::string username; ///< claim `username`, else `user_id`
  std::vector<std::string> roles;
  std::vector<std::string> permissions; ///< such as `subscribe:orders.*`
  std::string token_id;                 ///< claim `jti`, or empty
  std::optional<wall_time> expires;     ///< claim `exp`
  std::chrono::milliseconds leeway{0};  ///< how far the clocks behind `expires` may differ
  /// Other claims, by name: of those that some namespace names, what the token has.
  std::vector<std::pair<std::string, std::string>> claims{};

  /// When the token is no longer good, for everybody who asks; nothing: never.
  std::optional<wall_time> ends() const {
    return expires ? std::optional(*expires + leeway) : std::nullopt;
  }
  bool ended(wall_time now) const { return expires && now >= *ends(); }

  /// Whole seconds until `expires`, 0 if that is past; nothing: never.
  std::optional<std::uint64_t> expires_in(wall_time now) const {
    if (!expires)
      return std::nullopt;
    const auto left = std::chrono::floor<std::chrono::seconds>(*expires - now).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
  }

  /// One of `claims`; empty where the token has none of that name.
  std::string_view claim(std::string_view name) const {
    for (const auto& [key, value] : claims)
      if (key == name)
        return value;
    return {};
  }

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
