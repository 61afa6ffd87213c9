// Any text as a token, as the header or payload of a token that is signed well, and as a file of
// keys: nobody comes in by accident, and whoever comes in has names that are fit to be shown.
#include "server/auth/base64url.hpp"
#include "server/auth/claims.hpp"
#include "server/auth/jwks.hpp"
#include "server/auth/jwt.hpp"
#include "server/auth/public_key.hpp"
#include "server/log/printable.hpp"
#include "tests/fuzz/check.hpp"
#include "troupe/wire/names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace troupe {
namespace {

using test::check;

constexpr std::string_view secret = "a secret of thirty-two bytes or more";
const claim_rules rules{"", "", std::chrono::seconds(30)};
const wall_time now{std::chrono::seconds(1'700'000'000)};

// The secret, and the public keys of the examples of RFC 7515 and RFC 8037.
const token_keys& all_keys() {
  static const token_keys keys = [] {
    auto read = read_jwks(
      R"({"keys":[{"kty":"RSA","kid":"r","e":"AQAB","n":")"
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
      "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0"
      "LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
      "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
      "PAcDTW9gb54h4FRWyuXpoQ"
      R"("},)"
      R"({"kty":"EC","kid":"c","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
      R"({"kty":"OKP","kid":"e","crv":"Ed25519",)"
      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
    check(read.has_value(), "the keys are good ones");
    auto all = std::move(read->keys);
    all.emplace_back(std::string(secret));
    return all;
  }();
  return keys;
}

// The whole way of a token; null where it is refused.
identity_ptr bearer_of(std::string_view token) {
  const auto envelope = parse_jwt(token);
  const std::array keys{&all_keys()};
  if (!envelope || !check_signature(*envelope, keys))
    return nullptr;
  return read_claims(envelope->payload, rules, now).value_or(nullptr);
}

std::string signed_token(std::string_view header, std::string_view payload) {
  const auto text = base64url_encode(header) + '.' + base64url_encode(payload);
  return text + '.' + base64url_encode(hmac_sha256(secret, text));
}

void look_at(const identity& who) {
  check(valid_user_id(who.user_id, claimed_name_bytes_max), "a user_id is a name");
  check(valid_display_name(who.username, claimed_name_bytes_max), "a username can be shown");
  check(is_printable(who.user_id + who.username + who.token_id), "names are printable");
  check(who.roles.size() <= roles_max && who.permissions.size() <= permissions_max,
        "roles and permissions are few");
  for (const auto* words : {&who.roles, &who.permissions})
    for (const auto& word : *words)
      check(!word.empty() && is_printable(word), "roles and permissions are printable");
  check(!who.expires || *who.expires + rules.leeway > now, "nobody comes in too late");
}

void as_base64url(std::string_view text) {
  const auto encoded = base64url_encode(text);
  check(base64url_decode(encoded) == text, "bytes come back");
  check(!base64url_decode(encoded + '='), "padding is refused");
  if (const auto bytes = base64url_decode(text))
    check(base64url_encode(*bytes) == text, "one text for the same bytes");
}

void as_token(std::string_view text) {
  const auto who = bearer_of(text);
  if (!who)
    return;
  check(text.size() <= token_bytes_max, "a token is short");
  check(std::count(text.begin(), text.end(), '.') == 2, "a token has three parts");
  look_at(*who);
}

void as_payload(std::string_view text) {
  auto token = signed_token(R"({"alg":"HS256","typ":"JWT"})", text);
  const auto who = bearer_of(token);
  if (!who)
    return;
  look_at(*who);
  const auto claims = nlohmann::json::parse(text, nullptr, false);
  check(claims.is_object(), "claims are an object");
  check(claims.contains("user_id") || claims.contains("sub"), "somebody is named");
  auto& letter = token[text.size() % token.size()];
  letter = letter == 'A' ? 'B' : 'A';
  check(!bearer_of(token), "another letter, and nobody comes in");
}

void as_header(std::string_view text) {
  if (!bearer_of(signed_token(text, R"({"sub":"s"})")))
    return;
  const auto header = nlohmann::json::parse(text, nullptr, false);
  check(header.is_object() && header.value("alg", "") == "HS256", "the key's own algorithm");
  check(!header.contains("crit"), "nothing more is asked for");
}

void as_keys(std::string_view text) {
  if (const auto found = read_jwks(text))
    check(!found->keys.empty() && found->keys.size() + found->skipped.size() <= jwks_keys_max,
          "a set has keys");
  else
    check(found.error().size() < 800, "an error repeats little of the text");
  if (const auto keys = read_pem_keys(text))
    check(!keys->empty(), "a file has keys");
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  troupe::as_base64url(text);
  troupe::as_token(text);
  troupe::as_payload(text);
  troupe::as_header(text);
  troupe::as_keys(text);
  return 0;
}
