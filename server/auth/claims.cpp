#include "server/auth/claims.hpp"

#include "server/auth/strict_json.hpp"
#include "server/log/printable.hpp"
#include "troupe/wire/names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

using nlohmann::json;
using check = std::optional<token_error>; // nothing: all is well

constexpr double seconds_max = 253'402'300'799.0; // the end of the year 9999

check wrong(const char* claim, const char* expected) {
  return token_error{std::string(claim) + " is not " + expected};
}

// Null where the claim is left out.
const json* claim_of(const json& claims, const char* name) {
  const auto found = claims.find(name);
  return found == claims.end() || found->is_null() ? nullptr : &*found;
}

check read_time(const json& claims, const char* name, std::optional<wall_time>& into) {
  const auto found = claims.find(name);
  if (found == claims.end())
    return std::nullopt;
  if (!found->is_number())
    return wrong(name, "a number");
  const auto seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= seconds_max))
    return wrong(name, "a time from 1970 to 9999");
  into = wall_time(std::chrono::milliseconds(std::llround(seconds * 1000)));
  return std::nullopt;
}

check read_times(const json& claims, std::chrono::milliseconds leeway, wall_time now,
                 identity& into) {
  std::optional<wall_time> not_before, issued;
  for (auto fault : {read_time(claims, "exp", into.expires), read_time(claims, "nbf", not_before),
                     read_time(claims, "iat", issued)})
    if (fault)
      return fault;
  if (into.expires && now >= *into.expires + leeway)
    return token_error{"expired"};
  if (not_before && now < *not_before - leeway)
    return token_error{"not yet valid"};
  if (issued && now < *issued - leeway)
    return token_error{"issued in the future"};
  return std::nullopt;
}

check check_issuer(const json& claims, const std::string& wanted) {
  const auto* issuer = claim_of(claims, "iss");
  if (issuer && !issuer->is_string())
    return wrong("iss", "a string");
  if (!wanted.empty() && (!issuer || issuer->get_ref<const std::string&>() != wanted))
    return token_error{"iss is not the issuer"};
  return std::nullopt;
}

check check_audience(const json& claims, const std::string& wanted) {
  const auto* audience = claim_of(claims, "aud");
  bool found = false;
  if (audience) {
    const auto names = audience->is_array() ? *audience : json::array({*audience});
    for (const auto& name : names) {
      if (!name.is_string())
        return wrong("aud", "a string or an array of strings");
      found = found || name.get_ref<const std::string&>() == wanted;
    }
  }
  if (!wanted.empty() && !found)
    return token_error{"aud does not name this audience"};
  return std::nullopt;
}

bool fit_for_a_name(const std::string& text) {
  return valid_user(text, claimed_name_bytes_max) && is_printable(text);
}

check read_name(const json& claim, const char* name, std::string& into) {
  if (!claim.is_string() || !fit_for_a_name(claim.get_ref<const std::string&>()))
    return wrong(name, "a name");
  into = claim.get<std::string>();
  return std::nullopt;
}

check read_user(const json& claims, identity& into) {
  const char* name = "user_id";
  const auto* id = claim_of(claims, name);
  if (!id)
    id = claim_of(claims, name = "sub");
  if (!id)
    return token_error{"has neither user_id nor sub"};
  if (id->is_number_unsigned())
    into.user_id = std::to_string(id->get<std::uint64_t>());
  else if (id->is_number_integer())
    into.user_id = std::to_string(id->get<std::int64_t>());
  else if (auto fault = read_name(*id, name, into.user_id))
    return fault;
  into.username = into.user_id;
  const auto* username = claim_of(claims, "username");
  return username ? read_name(*username, "username", into.username) : std::nullopt;
}

check read_words(const json& claims, const char* name, std::size_t count_max, std::size_t bytes_max,
                 std::vector<std::string>& into) {
  const auto* words = claim_of(claims, name);
  if (!words)
    return std::nullopt;
  if (!words->is_array() || words->size() > count_max)
    return wrong(name, "an array of so few strings");
  for (const auto& word : *words) {
    if (!word.is_string())
      return wrong(name, "an array of strings");
    auto text = word.get<std::string>();
    if (text.empty() || text.size() > bytes_max || !is_printable(text))
      return wrong(name, "an array of short printable strings");
    into.push_back(std::move(text));
  }
  return std::nullopt;
}

check read_token_id(const json& claims, identity& into) {
  const auto* id = claim_of(claims, "jti");
  if (!id)
    return std::nullopt;
  if (!id->is_string())
    return wrong("jti", "a string");
  into.token_id = id->get<std::string>();
  if (into.token_id.empty() || into.token_id.size() > token_id_bytes_max ||
      !is_printable(into.token_id))
    return wrong("jti", "a short printable string");
  return std::nullopt;
}

check read_bearer(const json& claims, identity& into) {
  if (auto fault = read_user(claims, into))
    return fault;
  if (auto fault = read_words(claims, "roles", roles_max, role_bytes_max, into.roles))
    return fault;
  if (auto fault =
        read_words(claims, "permissions", permissions_max, permission_bytes_max, into.permissions))
    return fault;
  return read_token_id(claims, into);
}

} // namespace

std::variant<identity_ptr, token_error> read_claims(std::string_view payload,
                                                    const claim_rules& rules, wall_time now) {
  json claims;
  if (!read_strict_object(payload, claims))
    return token_error{"the payload is not JSON"};
  auto bearer = std::make_shared<identity>();
  if (auto fault = read_times(claims, rules.leeway, now, *bearer))
    return *fault;
  if (auto fault = check_issuer(claims, rules.issuer))
    return *fault;
  if (auto fault = check_audience(claims, rules.audience))
    return *fault;
  if (auto fault = read_bearer(claims, *bearer))
    return *fault;
  return identity_ptr(std::move(bearer));
}

} // namespace troupe
