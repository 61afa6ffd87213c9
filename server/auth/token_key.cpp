#include "server/auth/token_key.hpp"

#include "server/auth/openssl_ptr.hpp"

#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>

namespace troupe {

namespace {

// ES256 in a token is two numbers of 32 bytes (RFC 7518 section 3.4); OpenSSL reads DER.
constexpr std::size_t es256_bytes = 64;

std::string der_of(std::string_view numbers) {
  const auto* bytes = openssl_bytes(numbers.data());
  constexpr int half = es256_bytes / 2;
  const ecdsa_signature_ptr both(ECDSA_SIG_new());
  bignum_ptr r(BN_bin2bn(bytes, half, nullptr)), s(BN_bin2bn(bytes + half, half, nullptr));
  if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1)
    return {};
  (void)r.release(); // they belong to the signature now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  const openssl_buffer<unsigned char> owned(der);
  if (size <= 0)
    return {};
  return {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
}

bool verify_hmac(const std::string& secret, std::string_view text, std::string_view signature) {
  const auto expected = hmac_sha256(secret, text);
  return !expected.empty() && signature.size() == expected.size() &&
         CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
}

bool verify_public(const public_key& key, std::string_view text, std::string_view signature) {
  const openssl_errors_forgotten errors;
  const auto* digest = key.algorithm == token_algorithm::eddsa ? nullptr : EVP_sha256();
  const digest_context_ptr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr; // the context's
  if (!context ||
      EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key.key.get()) != 1)
    return false;
  if (key.algorithm == token_algorithm::rs256 &&
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING) != 1)
    return false;
  return EVP_DigestVerify(context.get(), openssl_bytes(signature.data()), signature.size(),
                          openssl_bytes(text.data()), text.size()) == 1;
}

} // namespace

token_key::token_key(std::string_view secret, std::optional<std::string> id)
  : algorithm_(token_algorithm::hs256),
    id_(std::move(id)),
    material_(std::string(secret)) {}

token_key::token_key(public_key key, std::optional<std::string> id)
  : algorithm_(key.algorithm),
    id_(std::move(id)),
    material_(std::move(key)) {}

bool token_key::verifies(std::string_view text, std::string_view signature) const {
  if (const auto* secret = std::get_if<std::string>(&material_))
    return verify_hmac(*secret, text, signature);
  const auto& key = std::get<public_key>(material_);
  if (algorithm_ != token_algorithm::es256)
    return verify_public(key, text, signature);
  if (signature.size() != es256_bytes)
    return false;
  const auto der = der_of(signature);
  return !der.empty() && verify_public(key, text, der);
}

text_result<> check_signature(const jwt& token, std::span<const token_keys* const> keys) {
  bool known_id = !token.key_id, known_algorithm = false;
  for (const auto* some : keys)
    for (const auto& key : *some) {
      if (token.key_id && key.id() && key.id() != token.key_id)
        continue;
      known_id = true;
      if (key.algorithm() != token.algorithm)
        continue;
      known_algorithm = true;
      if (key.verifies(token.signed_text, token.signature))
        return {};
    }
  return fail(!known_id          ? "no key has its kid"
              : !known_algorithm ? "its alg is not the key's"
                                 : "the signature is wrong");
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
            openssl_bytes(text.data()), text.size(), digest.data(), &size))
    return {};
  return {reinterpret_cast<const char*>(digest.data()), size};
}

} // namespace troupe
