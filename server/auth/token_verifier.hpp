// Decides whether a token is valid, and what it says. Thread-safe; a verification takes
// microseconds and does no input or output but once a second to see whether a key file has changed.
#pragma once

#include "server/config/config.hpp"
#include "troupe/wire/identity.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace troupe {

/// Why a token was refused, for the audit log: never contains any of the token.
struct token_error {
  std::string why;
};

class token_verifier {
public:
  /// Loads the keys; or says what is wrong with the configuration, naming the key (`auth.secret`).
  /// Null where there are no keys and none are required: tokens are not in use.
  static std::variant<std::shared_ptr<const token_verifier>, std::string>
  make(const auth_config& settings);

  ~token_verifier();

  std::variant<identity_ptr, token_error> verify(std::string_view token, wall_time now) const;

private:
  struct state;
  explicit token_verifier(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace troupe
