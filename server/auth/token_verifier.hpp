// Decides whether a token is valid, and what it says. Thread-safe; a verification takes
// microseconds and does no input or output but once a second to see whether a key file has changed.
#pragma once

#include "server/settings/auth_config.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/result.hpp"
#include "troupe/wire/timestamp.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class token_verifier {
public:
  /// Loads the keys. An error names the key of the configuration (`auth.secret`). Null where there
  /// are no keys and none are required: tokens are not in use.
  /// `kept` are other claims that become a part of the identity.
  static text_result<std::shared_ptr<const token_verifier>>
  make(const auth_config& settings, std::vector<std::string> kept = {});

  ~token_verifier();

  /// Which keys of the files could not be used when they were first read, and why: each begins with
  /// the key of the configuration. The log has them, too.
  const std::vector<std::string>& warnings() const;

  /// The bearer at `now`.
  token_verdict verify(std::string_view token, wall_time now) const;

private:
  struct state;
  explicit token_verifier(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace troupe
