// Public keys as OpenSSL holds them, from PEM text or from the numbers of a JWK. Pure.
//
// Taken are RSA of 2048 to 8192 bits, the curve P-256 and Ed25519, each only if it is a sound key.
#pragma once

#include "server/auth/algorithm.hpp"
#include "troupe/wire/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st; // EVP_PKEY

namespace troupe {

struct public_key {
  std::shared_ptr<evp_pkey_st> key; ///< never changed, so any thread may verify with it
  token_algorithm algorithm;        ///< the only one it is good for
};

/// All `PUBLIC KEY` blocks of a PEM text, at least one.
text_result<std::vector<public_key>> read_pem_keys(std::string_view text);

/// Numbers as JWKs have them, decoded: big-endian bytes.
text_result<public_key> make_rsa_key(std::string_view modulus, std::string_view exponent);
text_result<public_key> make_p256_key(std::string_view x, std::string_view y);
text_result<public_key> make_ed25519_key(std::string_view x);

} // namespace troupe
