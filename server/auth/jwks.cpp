#include "server/auth/jwks.hpp"

#include "server/auth/base64url.hpp"
#include "server/auth/strict_json.hpp"
#include "server/log/printable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace troupe {

namespace {

using nlohmann::json;

// The error says why it cannot be used. Nothing where it is for other purposes.
using key_result = text_result<std::optional<token_key>>;

// Empty where it is missing or no string: no member of a key that counts may be empty.
std::string text_of(const json& key, const char* name) {
  const auto found = key.find(name);
  return found != key.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string bytes_of(const json& key, const char* name) {
  return base64url_decode(text_of(key, name)).value_or(std::string{});
}

bool signs_tokens(const json& key) {
  if (key.contains("use") && text_of(key, "use") != "sig")
    return false;
  const auto operations = key.find("key_ops");
  return operations == key.end() || std::ranges::any_of(*operations, [](const json& operation) {
           return operation.is_string() && operation.get_ref<const std::string&>() == "verify";
         });
}

// An `alg` is optional, but where there is one it must be what such a key is for.
bool is_for(const json& key, token_algorithm algorithm) {
  return !key.contains("alg") || text_of(key, "alg") == name_of(algorithm);
}

key_result named(text_result<public_key> made, std::optional<std::string> id) {
  if (!made)
    return fail(std::move(made).error());
  return token_key(*std::move(made), std::move(id));
}

key_result read_secret(const json& key, std::optional<std::string> id) {
  static_assert(secret_bytes_min == 32);
  const auto secret = bytes_of(key, "k");
  if (secret.size() < secret_bytes_min)
    return fail("a secret of fewer than 32 bytes");
  return token_key(secret, std::move(id));
}

key_result read_public(const json& key, const std::string& type, std::optional<std::string> id) {
  if (key.contains("d"))
    return fail("a private key, which no server that only checks tokens should have");
  const auto x = bytes_of(key, "x");
  if (type == "RSA")
    return named(make_rsa_key(bytes_of(key, "n"), bytes_of(key, "e")), std::move(id));
  if (type == "EC")
    return named(make_p256_key(x, bytes_of(key, "y")), std::move(id));
  return named(make_ed25519_key(x), std::move(id));
}

key_result read_key(const json& key) {
  if (!key.is_object())
    return fail("not an object");
  std::optional<std::string> id;
  if (const auto found = key.find("kid"); found != key.end() && !found->is_null()) {
    if (!found->is_string())
      return fail("kid is not a string");
    id = found->get<std::string>();
  }
  const auto type = text_of(key, "kty"), curve = text_of(key, "crv");
  if (type.empty())
    return fail("kty is missing");
  if (!signs_tokens(key))
    return key_result{};
  if (type == "oct" && is_for(key, token_algorithm::hs256))
    return read_secret(key, std::move(id));
  const bool ours = (type == "RSA" && is_for(key, token_algorithm::rs256)) ||
                    (type == "EC" && curve == "P-256" && is_for(key, token_algorithm::es256)) ||
                    (type == "OKP" && curve == "Ed25519" && is_for(key, token_algorithm::eddsa));
  if (!ours)
    return fail("another kind, curve or algorithm than those of HS256, RS256, ES256 and EdDSA");
  return read_public(key, type, std::move(id));
}

// Which one it is, for people: `key 2 "b"`.
std::string name_of(const json& key, std::size_t number) {
  std::string out = "key " + std::to_string(number);
  if (const auto id = text_of(key, "kid"); !id.empty())
    out += ' ' + in_quotes(id);
  return out;
}

std::string no_key(const std::vector<std::string>& skipped) {
  constexpr std::size_t told_max = 3;
  std::string out = "no key that tokens can be checked with";
  for (std::size_t i = 0; i < std::min(skipped.size(), told_max); ++i)
    out += (i == 0 ? ": " : "; ") + skipped[i];
  return skipped.size() > told_max ? out + "; and so on" : out;
}

} // namespace

text_result<keys_found> read_jwks(std::string_view text) {
  json set;
  if (!read_strict_object(text, set))
    return fail("not a JSON object");
  const auto listed = set.find("keys");
  if (listed == set.end() || !listed->is_array())
    return fail("has no array `keys`");
  if (listed->size() > jwks_keys_max)
    return fail("more than " + std::to_string(jwks_keys_max) + " keys");
  keys_found found;
  for (std::size_t i = 0; i < listed->size(); ++i) {
    const auto& key = (*listed)[i];
    auto read = read_key(key);
    if (!read)
      found.skipped.push_back(name_of(key, i + 1) + ": " + read.error());
    else if (*read)
      found.keys.push_back(**std::move(read));
  }
  if (found.keys.empty())
    return fail(no_key(found.skipped));
  return found;
}

} // namespace troupe
