// What an issuer of tokens has, and what a forger does: signing keys of every kind, drawn anew in
// each run, and tokens of any text signed with them.
#pragma once

#include "server/auth/base64url.hpp"
#include "server/auth/openssl_ptr.hpp"
#include "server/auth/token_key.hpp"
#include "server/auth/token_verifier.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include <unistd.h>

namespace troupe::test {

using nlohmann::json;

/// A secret, or a pair of a private and a public key.
class signing_key {
public:
  static signing_key secret(std::string text) { return signing_key(std::move(text), nullptr); }
  static signing_key rsa(unsigned bits = 2048) { return signing_key({}, EVP_RSA_gen(bits)); }
  static signing_key curve(const char* name = "P-256") { return signing_key({}, EVP_EC_gen(name)); }
  static signing_key ed25519() {
    return signing_key({}, EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  /// The kind that `algorithm` needs.
  static signing_key of(token_algorithm algorithm) {
    switch (algorithm) {
    case token_algorithm::hs256:
      return secret(std::string("a secret of its own, 32 bytes or more ") + drawn());
    case token_algorithm::rs256:
      return rsa();
    case token_algorithm::es256:
      return curve();
    case token_algorithm::eddsa:
      return ed25519();
    }
    return secret({});
  }

  /// The signature as a token has it.
  std::string sign(std::string_view text) const {
    if (!pair_)
      return hmac_sha256(secret_, text);
    const bool whole = EVP_PKEY_is_a(pair_.get(), "ED25519") == 1;
    const digest_context_ptr context(EVP_MD_CTX_new());
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, whole ? nullptr : EVP_sha256(), nullptr,
                                 pair_.get()),
              1);
    std::string out(1024, '\0');
    auto size = out.size();
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                             openssl_bytes(text.data()), text.size()),
              1);
    out.resize(size);
    return EVP_PKEY_is_a(pair_.get(), "EC") == 1 ? numbers_of(out) : out;
  }

  const std::string& secret_text() const { return secret_; }

  std::string public_pem() const {
    return written([&](BIO* to) { return PEM_write_bio_PUBKEY(to, pair_.get()); });
  }
  std::string private_pem() const {
    return written([&](BIO* to) {
      return PEM_write_bio_PKCS8PrivateKey(to, pair_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  /// A JWK without `alg`.
  json jwk(const char* id) const {
    json key{{"kid", id}, {"use", "sig"}};
    if (!pair_) {
      key["kty"] = "oct";
      key["k"] = base64url_encode(secret_);
    } else if (EVP_PKEY_is_a(pair_.get(), "RSA") == 1) {
      key["kty"] = "RSA";
      key["n"] = number("n");
      key["e"] = number("e");
    } else if (EVP_PKEY_is_a(pair_.get(), "EC") == 1) {
      key["kty"] = "EC";
      key["crv"] = "P-256";
      key["x"] = number("qx", 32);
      key["y"] = number("qy", 32);
    } else {
      std::array<unsigned char, 32> bytes{};
      auto size = bytes.size();
      EXPECT_EQ(EVP_PKEY_get_raw_public_key(pair_.get(), bytes.data(), &size), 1);
      key["kty"] = "OKP";
      key["crv"] = "Ed25519";
      key["x"] = base64url_encode({reinterpret_cast<const char*>(bytes.data()), size});
    }
    return key;
  }

private:
  signing_key(std::string secret, EVP_PKEY* pair)
    : secret_(std::move(secret)),
      pair_(pair, EVP_PKEY_free) {}

  static std::string drawn() {
    static int count = 0;
    return std::to_string(++count);
  }

  static std::string numbers_of(const std::string& der) {
    const auto* at = openssl_bytes(der.data());
    const ecdsa_signature_ptr both(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::array<unsigned char, 64> bytes{};
    EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), bytes.data(), 32), 32);
    EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), bytes.data() + 32, 32), 32);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::string number(const char* name, int bytes = 0) const {
    BIGNUM* value = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(pair_.get(), name, &value), 1) << name;
    const bignum_ptr owned(value);
    std::string out(static_cast<std::size_t>(bytes > 0 ? bytes : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    return base64url_encode(out);
  }

  template <class Write>
  static std::string written(Write write) {
    const bio_ptr to(BIO_new(BIO_s_mem()));
    EXPECT_EQ(write(to.get()), 1);
    std::string text(16 * 1024, '\0');
    const int size = BIO_read(to.get(), text.data(), static_cast<int>(text.size()));
    text.resize(static_cast<std::size_t>(std::max(size, 0)));
    return text;
  }

  std::string secret_;
  std::shared_ptr<EVP_PKEY> pair_;
};

/// Any texts as a token, with a good signature.
inline std::string signed_token(const std::string& header, const std::string& payload,
                                const signing_key& key) {
  const auto text = base64url_encode(header) + '.' + base64url_encode(payload);
  return text + '.' + base64url_encode(key.sign(text));
}

inline std::string header_of(std::string_view algorithm) {
  return json{{"alg", algorithm}, {"typ", "JWT"}}.dump();
}

inline wall_time at(double seconds) {
  return wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

/// What every test calls now.
inline constexpr double now_seconds = 1'700'000'000;

/// A folder of its own for a test, gone with it.
class folder {
public:
  folder() {
    auto name = (std::filesystem::temp_directory_path() / "troupe-token-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { std::filesystem::remove_all(path_); }

  /// Writes the file in place, and returns its path.
  std::string file(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

private:
  std::filesystem::path path_;
};

using verifier_ptr = std::shared_ptr<const token_verifier>;

inline verifier_ptr verifier_for(const auth_config& settings) {
  const auto verifier = token_verifier::make(settings);
  EXPECT_TRUE(verifier) << verifier.error();
  return verifier.value_or(nullptr);
}

/// Why `token` is refused; "accepted" where it is not.
inline std::string verdict(const token_verifier& verifier, std::string_view token,
                           double now = now_seconds) {
  const auto bearer = verifier.verify(token, at(now));
  return bearer ? "accepted" : bearer.error().why;
}

} // namespace troupe::test
