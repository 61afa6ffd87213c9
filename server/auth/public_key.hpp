// Public keys as OpenSSL holds them, from PEM text or from the numbers of a JWK. Pure.
//
// Taken are RSA of 2048 to 8192 bits, the curve P-256 and Ed25519, each only if it is a sound key.
#pragma once

#include "server/auth/algorithm.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct evp_pkey_st; // EVP_PKEY

namespace troupe {

struct public_key {
  std::shared_ptr<evp_pkey_st> key; ///< never changed, so any thread may verify with it
  token_algorithm algorithm;        ///< the only one it is good for
};

/// One key, or what is wrong with it.
using public_key_result = std::variant<public_key, std::string>;

/// All `PUBLIC KEY` blocks of a PEM text, at least one.
std::variant<std::vector<public_key>, std::string> read_pem_keys(std::string_view text);

/// Numbers as JWKs have them, decoded: big-endian bytes.
public_key_result make_rsa_key(std::string_view modulus, std::string_view exponent);
public_key_result make_p256_key(std::string_view x, std::string_view y);
public_key_result make_ed25519_key(std::string_view x);

} // namespace troupe
