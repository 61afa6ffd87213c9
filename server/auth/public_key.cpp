#include "server/auth/public_key.hpp"

#include "server/auth/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pemerr.h>
#include <openssl/x509.h>

#include <array>

namespace troupe {

namespace {

constexpr std::size_t pem_keys_max = 64;
constexpr std::size_t rsa_bytes_max = 1024;
constexpr std::size_t exponent_bytes_max = 8;
constexpr std::size_t coordinate_bytes = 32;

text_result<token_algorithm> algorithm_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519"))
    return token_algorithm::eddsa;
  if (EVP_PKEY_is_a(key, "RSA")) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < 2048 || bits > 8192)
      return fail("an RSA key of " + std::to_string(bits) + " bits, expected 2048 to 8192");
    return token_algorithm::rs256;
  }
  if (!EVP_PKEY_is_a(key, "EC"))
    return fail("a key of another kind than RSA, P-256 and Ed25519");
  std::array<char, 64> curve{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &size) != 1 ||
      std::string_view(curve.data(), size) != "prime256v1")
    return fail("a key on another curve than P-256");
  return token_algorithm::es256;
}

// Takes what is sound. Also asks that a point be on its curve, and a modulus no prime.
text_result<public_key> taken(EVP_PKEY* made) {
  std::shared_ptr<EVP_PKEY> key(made, EVP_PKEY_free);
  if (!key)
    return fail("not a key");
  const auto algorithm = algorithm_of(key.get());
  if (!algorithm)
    return fail(algorithm.error());
  const key_context_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1)
    return fail("not a valid key");
  return public_key{std::move(key), *algorithm};
}

text_result<public_key> made_of(const char* type, OSSL_PARAM* parameters) {
  const openssl_errors_forgotten errors;
  const key_context_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || !parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return fail("not a valid key");
  return taken(key);
}

bignum_ptr number(std::string_view bytes) {
  return bignum_ptr(
    BN_bin2bn(openssl_bytes(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

text_result<public_key> read_block(std::string_view name, const unsigned char* data, long size) {
  if (name.ends_with("PRIVATE KEY"))
    return fail("a private key, which no server that only checks tokens should have");
  if (name != "PUBLIC KEY")
    return fail("a PEM block of another kind than PUBLIC KEY");
  const auto* at = data;
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, size);
  auto made = taken(key);
  if (at != data + size)
    return fail("not a key");
  return made;
}

} // namespace

text_result<std::vector<public_key>> read_pem_keys(std::string_view text) {
  const openssl_errors_forgotten errors;
  const bio_ptr source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  std::vector<public_key> keys;
  while (source && keys.size() < pem_keys_max) {
    char *name = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(source.get(), &name, &header, &data, &size) != 1) {
      if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return fail("not PEM");
      break;
    }
    const openssl_buffer<char> name_owned(name), header_owned(header);
    const openssl_buffer<unsigned char> data_owned(data);
    auto read = read_block(name, data, size);
    if (!read)
      return fail(std::move(read).error());
    keys.push_back(*std::move(read));
  }
  if (keys.empty())
    return fail("no PEM block BEGIN PUBLIC KEY");
  return keys;
}

text_result<public_key> make_rsa_key(std::string_view modulus, std::string_view exponent) {
  if (modulus.size() > rsa_bytes_max || exponent.size() > exponent_bytes_max)
    return fail("an RSA key with a number too long");
  const parameter_builder_ptr builder(OSSL_PARAM_BLD_new());
  const auto n = number(modulus), e = number(exponent);
  if (!builder || !n || !e ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return fail("not a valid key");
  const parameters_ptr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return made_of("RSA", parameters.get());
}

text_result<public_key> make_p256_key(std::string_view x, std::string_view y) {
  if (x.size() != coordinate_bytes || y.size() != coordinate_bytes)
    return fail("coordinates of another length than 32 bytes");
  const auto point = "\x04" + std::string(x) + std::string(y); // uncompressed (SEC 1)
  const parameter_builder_ptr builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
        1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return fail("not a valid key");
  const parameters_ptr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return made_of("EC", parameters.get());
}

text_result<public_key> make_ed25519_key(std::string_view x) {
  if (x.size() != coordinate_bytes)
    return fail("a key of another length than 32 bytes");
  const parameter_builder_ptr builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, x.data(),
                                                   x.size()) != 1)
    return fail("not a valid key");
  const parameters_ptr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return made_of("ED25519", parameters.get());
}

} // namespace troupe
