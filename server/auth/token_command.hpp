// `troupe token`: makes a token for development, as a real issuer would. Pure, but for the clock,
// the id it draws, and what it prints.
#pragma once

#include "server/auth/token_verifier.hpp"
#include "server/exit_code.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace troupe {

struct token_command {
  std::string user;     ///< claim `user_id`
  std::string username; ///< empty: left out
  std::vector<std::string> roles;
  std::vector<std::string> permissions;
  std::vector<std::string> claims; ///< others, each as `NAME=VALUE`
  std::string issuer;              ///< empty: left out
  std::string audience;            ///< empty: left out
  std::int64_t expires_seconds = 3600;
  std::string secret; ///< never printed
};

/// An HS256 token that the server would accept at `now`.
text_result<std::string> mint_token(const token_command& wanted, wall_time now);

/// Prints the token to `out`, or what is wrong to `err`.
exit_code run_token(const token_command& wanted, std::ostream& out, std::ostream& err);

} // namespace troupe
