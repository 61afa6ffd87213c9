// What the payload of a token says (RFC 7519 section 4), once its signature is known to be good.
// Pure.
#pragma once

#include "troupe/wire/identity.hpp"
#include "troupe/wire/result.hpp"
#include "troupe/wire/timestamp.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Longest `user_id`, `sub` and `username`: as long as a user's name may be by default.
inline constexpr std::size_t claimed_name_bytes_max = 128;
inline constexpr std::size_t roles_max = 64;
inline constexpr std::size_t role_bytes_max = 128;
inline constexpr std::size_t permissions_max = 256;
inline constexpr std::size_t permission_bytes_max = 256;
inline constexpr std::size_t token_id_bytes_max = 256;

struct claim_rules {
  std::string issuer;   ///< empty: any
  std::string audience; ///< empty: any
  std::chrono::milliseconds leeway{0};
  std::vector<std::string> kept{}; ///< other claims that some namespace names
};

/// Who the payload says its bearer is, at `now`. One that is wrong in more than its age is not
/// called expired.
///
/// `exp`, `nbf`, `iat`: numbers, fractions too. `user_id`, else `sub`: a name, or an integer;
/// `username`: a name that can be shown, else it counts as left out. `roles`, `permissions`: arrays
/// of strings. A claim about the user that is null counts as left out, and so does one of
/// `rules.kept` that is no text of 1 to 128 bytes and no whole number. Unknown claims are ignored.
token_verdict read_claims(std::string_view payload, const claim_rules& rules, wall_time now);

} // namespace troupe
