#include "server/auth/token_command.hpp"

#include "server/auth/base64url.hpp"
#include "server/auth/token_key.hpp"
#include "troupe/json/utf8.hpp"

#include <nlohmann/json.hpp>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <ostream>

namespace troupe {

namespace {

using nlohmann::ordered_json;

// So that a token can be told from others, and be put on a list of those that no longer count.
std::string drawn_id() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    return {};
  return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool all_utf8(const token_command& wanted) {
  return std::ranges::all_of(wanted.roles, valid_utf8) &&
         std::ranges::all_of(wanted.permissions, valid_utf8) &&
         std::ranges::all_of(wanted.claims, valid_utf8) &&
         std::ranges::all_of(
           std::array{&wanted.user, &wanted.username, &wanted.issuer, &wanted.audience},
           [](const std::string* text) { return valid_utf8(*text); });
}

ordered_json claims_of(const token_command& wanted, wall_time now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  auto claims = ordered_json::object({{"user_id", wanted.user}});
  if (!wanted.username.empty())
    claims["username"] = wanted.username;
  if (!wanted.roles.empty())
    claims["roles"] = wanted.roles;
  if (!wanted.permissions.empty())
    claims["permissions"] = wanted.permissions;
  if (!wanted.issuer.empty())
    claims["iss"] = wanted.issuer;
  if (!wanted.audience.empty())
    claims["aud"] = wanted.audience;
  claims["iat"] = seconds;
  claims["exp"] = seconds + wanted.expires_seconds;
  if (auto id = drawn_id(); !id.empty())
    claims["jti"] = std::move(id);
  for (const auto& each : wanted.claims) // none takes the place of another
    claims.emplace(each.substr(0, each.find('=')), each.substr(each.find('=') + 1));
  return claims;
}

} // namespace

text_result<std::string> mint_token(const token_command& wanted, wall_time now) {
  if (wanted.secret.empty())
    return fail("a secret is needed: TROUPE_AUTH_SECRET or --secret");
  if (!all_utf8(wanted))
    return fail("a value is not UTF-8");
  for (const auto& each : wanted.claims)
    if (each.find('=') == std::string::npos || each.starts_with('='))
      return fail("--claim: expected NAME=VALUE");
  const auto signed_text = base64url_encode(ordered_json{{"alg", "HS256"}, {"typ", "JWT"}}.dump()) +
                           '.' + base64url_encode(claims_of(wanted, now).dump());
  auto token = signed_text + '.' + base64url_encode(hmac_sha256(wanted.secret, signed_text));

  auth_config settings;
  settings.secret = wanted.secret;
  const auto verifier = token_verifier::make(settings);
  if (!verifier)
    return fail(verifier.error());
  const auto bearer = (*verifier)->verify(token, now);
  if (!bearer)
    return fail("no server would take this token: " + bearer.error().why);
  if (!wanted.username.empty() && (*bearer)->username != wanted.username)
    return fail("no server would show this username");
  return token;
}

exit_code run_token(const token_command& wanted, std::ostream& out, std::ostream& err) {
  const auto token = mint_token(wanted, wall_now());
  if (!token) {
    err << "troupe token: " << token.error() << '\n';
    return exit_usage;
  }
  out << *token << '\n';
  return exit_ok;
}

} // namespace troupe
