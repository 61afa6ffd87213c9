// One key that tokens are checked with, and the check itself: a thin layer over OpenSSL.
// Immutable; thread-safe.
#pragma once

#include "server/auth/algorithm.hpp"
#include "server/auth/jwt.hpp"
#include "server/auth/public_key.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe {

/// Shorter secrets of HS256 can be guessed (RFC 7518 section 3.2).
inline constexpr std::size_t secret_bytes_min = 32;

class token_key {
public:
  /// For HS256. `id` is the key's `kid`.
  explicit token_key(std::string_view secret, std::optional<std::string> id = {});
  explicit token_key(public_key key, std::optional<std::string> id = {});

  token_algorithm algorithm() const { return algorithm_; }
  const std::optional<std::string>& id() const { return id_; }

  /// Whether `signature` is this key's, by its own algorithm, for `text`.
  bool verifies(std::string_view text, std::string_view signature) const;

private:
  token_algorithm algorithm_;
  std::optional<std::string> id_;
  std::variant<std::string, public_key> material_; ///< the secret of HS256, or a public key
};

using token_keys = std::vector<token_key>;

/// What a file of keys holds.
struct keys_found {
  token_keys keys{};                  ///< those that tokens can be checked with
  std::vector<std::string> skipped{}; ///< which others there are, and why they cannot be used
};

/// Whether one of the keys has signed `token`: of those with its `kid`, if both have one, and with
/// its `alg`. What it says about itself only chooses among keys that each have one algorithm.
text_result<> check_signature(const jwt& token, std::span<const token_keys* const> keys);

/// What HS256 signs with.
std::string hmac_sha256(std::string_view secret, std::string_view text);

} // namespace troupe
