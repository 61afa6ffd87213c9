#include "server/auth/claims.hpp"

#include "server/auth/strict_json.hpp"
#include "server/log/printable.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

using nlohmann::json;

constexpr double seconds_max = 253'402'300'799.0; // the end of the year 9999

tl::unexpected<std::string> bad_claim(const char* claim, const char* expected) {
  return fail(std::string(claim) + " is not " + expected);
}

// Null where the claim is left out.
const json* claim_of(const json& claims, const char* name) {
  const auto found = claims.find(name);
  return found == claims.end() || found->is_null() ? nullptr : &*found;
}

text_result<> read_time(const json& claims, const char* name, std::optional<wall_time>& into) {
  const auto found = claims.find(name);
  if (found == claims.end())
    return {};
  if (!found->is_number())
    return bad_claim(name, "a number");
  const auto seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= seconds_max))
    return bad_claim(name, "a time from 1970 to 9999");
  into = wall_time(std::chrono::milliseconds(std::llround(seconds * 1000)));
  return {};
}

text_result<> read_times(const json& claims, std::chrono::milliseconds leeway, wall_time now,
                         identity& into) {
  into.leeway = leeway;
  std::optional<wall_time> not_before, issued;
  for (auto& read : {read_time(claims, "exp", into.expires), read_time(claims, "nbf", not_before),
                     read_time(claims, "iat", issued)})
    if (!read)
      return read;
  if (not_before && now < *not_before - leeway)
    return fail("not yet valid");
  if (issued && now < *issued - leeway)
    return fail("issued in the future");
  return {};
}

text_result<> check_issuer(const json& claims, const std::string& wanted) {
  const auto* issuer = claim_of(claims, "iss");
  if (issuer && !issuer->is_string())
    return bad_claim("iss", "a string");
  if (!wanted.empty() && (!issuer || issuer->get_ref<const std::string&>() != wanted))
    return fail("iss is not the issuer");
  return {};
}

text_result<> check_audience(const json& claims, const std::string& wanted) {
  const auto* audience = claim_of(claims, "aud");
  bool found = false;
  if (audience) {
    const auto names = audience->is_array() ? *audience : json::array({*audience});
    for (const auto& name : names) {
      if (!name.is_string())
        return bad_claim("aud", "a string or an array of strings");
      found = found || name.get_ref<const std::string&>() == wanted;
    }
  }
  if (!wanted.empty() && !found)
    return fail("aud does not name this audience");
  return {};
}

// The name as it can be shown, or nothing.
std::string shown(const std::string& name) {
  if (!valid_utf8(name))
    return {};
  const auto text = without_blank_ends(name);
  return std::string(valid_display_name(text, claimed_name_bytes_max) ? text : std::string_view{});
}

// A name that cannot be shown is no reason to keep its bearer out: it is left out.
std::string username_of(const json& claims, const std::string& user_id) {
  const auto* username = claim_of(claims, "username");
  if (username && username->is_string())
    if (auto name = shown(username->get_ref<const std::string&>()); !name.empty())
      return name;
  auto name = shown(user_id);
  return name.empty() ? std::string(anonymous_name) : name;
}

text_result<> read_user(const json& claims, identity& into) {
  const char* name = "user_id";
  const auto* id = claim_of(claims, name);
  if (!id)
    id = claim_of(claims, name = "sub");
  if (!id)
    return fail("has neither user_id nor sub");
  if (id->is_number_unsigned())
    into.user_id = std::to_string(id->get<std::uint64_t>());
  else if (id->is_number_integer())
    into.user_id = std::to_string(id->get<std::int64_t>());
  else if (id->is_string() &&
           valid_user_id(id->get_ref<const std::string&>(), claimed_name_bytes_max))
    into.user_id = id->get<std::string>();
  else
    return bad_claim(name, "a name");
  into.username = username_of(claims, into.user_id);
  return {};
}

text_result<> read_words(const json& claims, const char* name, std::size_t count_max,
                         std::size_t bytes_max, std::vector<std::string>& into) {
  const auto* words = claim_of(claims, name);
  if (!words)
    return {};
  if (!words->is_array() || words->size() > count_max)
    return bad_claim(name, "an array of so few strings");
  for (const auto& word : *words) {
    if (!word.is_string())
      return bad_claim(name, "an array of strings");
    auto text = word.get<std::string>();
    if (text.empty() || text.size() > bytes_max || !is_printable(text))
      return bad_claim(name, "an array of short printable strings");
    into.push_back(std::move(text));
  }
  return {};
}

text_result<> read_token_id(const json& claims, identity& into) {
  const auto* id = claim_of(claims, "jti");
  if (!id)
    return {};
  if (!id->is_string())
    return bad_claim("jti", "a string");
  into.token_id = id->get<std::string>();
  if (into.token_id.empty() || into.token_id.size() > token_id_bytes_max ||
      !is_printable(into.token_id))
    return bad_claim("jti", "a short printable string");
  return {};
}

// As a name can have it. A number that may have been rounded is another's as well.
std::string text_of_claim(const json& value) {
  constexpr double exact_max = 9'007'199'254'740'992.0; // 2^53
  if (value.is_string())
    return value.get_ref<const std::string&>();
  if (value.is_number_unsigned())
    return std::to_string(value.get<std::uint64_t>());
  if (value.is_number_integer())
    return std::to_string(value.get<std::int64_t>());
  if (!value.is_number_float())
    return {};
  const auto number = value.get<double>();
  if (std::trunc(number) != number || std::abs(number) >= exact_max)
    return {};
  return std::to_string(static_cast<std::int64_t>(number));
}

void keep_claims(const json& claims, const std::vector<std::string>& names, identity& into) {
  for (const auto& name : names) {
    const auto* const claim = claim_of(claims, name.c_str());
    auto text = claim ? text_of_claim(*claim) : std::string{};
    if (!text.empty() && text.size() <= claimed_name_bytes_max)
      into.claims.emplace_back(name, std::move(text));
  }
}

text_result<> read_bearer(const json& claims, identity& into) {
  return read_user(claims, into)
    .and_then([&] { return read_words(claims, "roles", roles_max, role_bytes_max, into.roles); })
    .and_then([&] {
      return read_words(claims, "permissions", permissions_max, permission_bytes_max,
                        into.permissions);
    })
    .and_then([&] { return read_token_id(claims, into); });
}

} // namespace

token_verdict read_claims(std::string_view payload, const claim_rules& rules, wall_time now) {
  json claims;
  if (!read_strict_object(payload, claims))
    return fail(token_refusal{"the payload is not JSON"});
  auto bearer = std::make_shared<identity>();
  const auto read = read_times(claims, rules.leeway, now, *bearer)
                      .and_then([&] { return check_issuer(claims, rules.issuer); })
                      .and_then([&] { return check_audience(claims, rules.audience); })
                      .and_then([&] { return read_bearer(claims, *bearer); });
  if (!read)
    return fail(token_refusal{read.error()});
  keep_claims(claims, rules.kept, *bearer);
  if (bearer->ended(now))
    return fail(token_refusal{"expired", true});
  return bearer;
}

} // namespace troupe
