// Claims that count, as honest issuers write them. What is refused: token_attacks_test.
#include "server/auth/claims.hpp"
#include "tests/unit/token_forge.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

identity read(const json& claims, const claim_rules& rules = {}, double now = now_seconds) {
  const auto bearer = read_claims(claims.dump(), rules, at(now));
  EXPECT_TRUE(bearer) << bearer.error().why;
  return bearer ? **bearer : identity{};
}

std::string error_of(const json& claims, const claim_rules& rules = {}, double now = now_seconds) {
  const auto bearer = read_claims(claims.dump(), rules, at(now));
  return bearer ? "accepted" : bearer.error().why;
}

} // namespace

TEST(token_claims, everything_there_is) {
  const auto who = read({{"user_id", "u-7"},
                         {"sub", "somebody-else"},
                         {"username", "Zoë 😀"},
                         {"email", "zoe@example.org"},
                         {"roles", {"admin", "staff"}},
                         {"permissions", {"subscribe:orders.*", "join:game.>"}},
                         {"jti", "t-1"},
                         {"exp", now_seconds + 60.25},
                         {"realm", {{"access", {{"roles", {"x"}}}}}}});
  EXPECT_EQ(who.user_id, "u-7");
  EXPECT_EQ(who.username, "Zoë 😀");
  EXPECT_EQ(who.roles, (std::vector<std::string>{"admin", "staff"}));
  EXPECT_EQ(who.permissions, (std::vector<std::string>{"subscribe:orders.*", "join:game.>"}));
  EXPECT_EQ(who.token_id, "t-1");
  EXPECT_EQ(who.expires, at(now_seconds + 60.25));
  EXPECT_EQ(who.ends(), who.expires) << "without leeway";
  EXPECT_TRUE(who.has_role("admin"));
  EXPECT_FALSE(who.has_role("adm"));
}

TEST(token_claims, as_little_as_may_be) {
  const auto who = read({{"sub", "s"}});
  EXPECT_EQ(who.user_id, "s");
  EXPECT_EQ(who.username, "s");
  EXPECT_TRUE(who.roles.empty());
  EXPECT_TRUE(who.permissions.empty());
  EXPECT_EQ(who.token_id, "");
  EXPECT_FALSE(who.expires);
}

TEST(token_claims, a_user_id_may_be_a_number) {
  EXPECT_EQ(read({{"user_id", 42}}).user_id, "42");
  EXPECT_EQ(read({{"user_id", 0}}).username, "0");
  EXPECT_EQ(read({{"sub", -1}}).user_id, "-1");
  EXPECT_EQ(read({{"user_id", 18446744073709551615u}}).user_id, "18446744073709551615");
}

TEST(token_claims, those_that_a_namespace_names_are_kept) {
  claim_rules rules;
  rules.kept = {"tenant", "https://example.com/seat", "sub", "email", "level", "half", "big",
                "list"};
  const auto who = read({{"sub", "s"},
                         {"tenant", "acme \u00f6"},
                         {"https://example.com/seat", 7},
                         {"level", -2.0},
                         {"half", 0.5},
                         {"big", 36893488147419103232.0},
                         {"list", {"a"}},
                         {"email", nullptr},
                         {"other", "x"}},
                        rules);
  using pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(who.claims, (pairs{{"tenant", "acme \u00f6"},
                               {"https://example.com/seat", "7"},
                               {"sub", "s"},
                               {"level", "-2"}}));
  EXPECT_EQ(who.claim("tenant"), "acme \u00f6");
  EXPECT_EQ(who.claim("other"), "");
  EXPECT_TRUE(read({{"sub", "s"}, {"tenant", "acme"}}).claims.empty()) << "nobody names any";
  for (const json& odd :
       {json(""), json(std::string(129, 'x')), json(true), json(json::object()), json(1e300)})
    EXPECT_TRUE(read({{"sub", "s"}, {"tenant", odd}}, rules).claims.size() == 1) << odd;
}

TEST(token_claims, a_name_that_cannot_be_shown_is_left_out_and_its_bearer_is_not) {
  for (const json& name :
       {json(""), json(" "), json("An\nn"), json("A\u009bn"), json("A\u2028n"), json("A\u202en"),
        json("A\u200bn"), json(std::string(129, 'x')), json(7), json(true), json::array({"Ann"})}) {
    const auto who = read({{"sub", "s"}, {"username", name}});
    EXPECT_EQ(who.user_id, "s") << name;
    EXPECT_EQ(who.username, "s") << name;
  }
  const auto nobody = read({{"sub", "a\u200bb"}});
  EXPECT_EQ(nobody.user_id, "a\u200bb") << "an id need not be shown";
  EXPECT_EQ(nobody.username, "Anonymous");
  EXPECT_EQ(read({{"sub", "a\u200bb"}, {"username", "Ann"}}).username, "Ann");
}

TEST(token_claims, a_name_is_called_without_the_blanks_at_its_ends) {
  EXPECT_EQ(read({{"sub", "s"}, {"username", " A nn\u00a0\u2800"}}).username, "A nn");
  EXPECT_EQ(read({{"sub", "\u3000s "}}).username, "s");
}

TEST(token_claims, null_is_left_out_where_it_is_about_the_user) {
  const auto who = read({{"user_id", nullptr},
                         {"sub", "s"},
                         {"username", nullptr},
                         {"roles", nullptr},
                         {"permissions", nullptr},
                         {"jti", nullptr}});
  EXPECT_EQ(who.user_id, "s");
  EXPECT_EQ(who.username, "s");
}

TEST(token_claims, times_are_integers_or_fractions_with_leeway) {
  const claim_rules strict, lenient{"", "", std::chrono::milliseconds(1500)};
  const auto expiring = [](const json& exp) { return json{{"sub", "s"}, {"exp", exp}}; };
  EXPECT_EQ(error_of(expiring(1700000000), strict, 1699999999.999), "accepted");
  EXPECT_EQ(error_of(expiring(1700000000), strict, 1700000000), "expired");
  EXPECT_EQ(error_of(expiring(1700000000.5), strict, 1700000000.499), "accepted");
  EXPECT_EQ(error_of(expiring(1700000000.5), strict, 1700000000.5), "expired");
  EXPECT_EQ(error_of(expiring(1700000000), lenient, 1700000001.499), "accepted");
  EXPECT_EQ(error_of(expiring(1700000000), lenient, 1700000001.5), "expired");
  EXPECT_EQ(error_of(expiring(253402300799), strict), "accepted");
  EXPECT_EQ(error_of({{"sub", "s"}, {"nbf", 1700000000.25}}, strict, 1700000000.249),
            "not yet valid");
  EXPECT_EQ(error_of({{"sub", "s"}, {"nbf", 1700000000.25}}, strict, 1700000000.25), "accepted");
  EXPECT_EQ(error_of({{"sub", "s"}, {"iat", 1700000000.25}}, strict, 1700000000),
            "issued in the future");
  EXPECT_EQ(error_of({{"sub", "s"}, {"iat", 0}}, strict), "accepted") << "old is not wrong";
}

TEST(token_claims, what_is_wrong_in_more_than_its_age_is_not_called_expired) {
  const claim_rules rules{"me", "here", {}};
  const json good{{"sub", "s"}, {"iss", "me"}, {"aud", "here"}, {"exp", now_seconds - 1}};
  const auto refusal = [&](const char* name, json value) {
    auto claims = good;
    claims[name] = std::move(value);
    return read_claims(claims.dump(), rules, at(now_seconds)).error();
  };
  EXPECT_TRUE(refusal("exp", now_seconds - 1).expired) << "a fresh one will do";
  for (const auto* name : {"sub", "iss", "aud", "roles", "exp"}) {
    const auto [why, expired] = refusal(name, json::object());
    EXPECT_FALSE(expired) << name;
    EXPECT_NE(why, "expired") << name;
  }
  EXPECT_FALSE(refusal("nbf", now_seconds + 60).expired);
}

TEST(token_claims, roles_and_permissions_are_few_short_strings) {
  const auto strings = [](std::size_t count, std::size_t bytes) {
    return json(std::vector<std::string>(count, std::string(bytes, 'r')));
  };
  const struct {
    const char* name;
    std::size_t count, bytes;
  } bounds[] = {{"roles", roles_max, role_bytes_max},
                {"permissions", permissions_max, permission_bytes_max}};
  for (const auto& [name, count, bytes] : bounds) {
    const auto claim = [name = name](const json& value) {
      return json{{"sub", "s"}, {name, value}};
    };
    const std::string said = name;
    EXPECT_EQ(error_of(claim(json::array())), "accepted");
    EXPECT_EQ(error_of(claim(strings(count, 1))), "accepted");
    EXPECT_EQ(error_of(claim(strings(1, bytes))), "accepted");
    EXPECT_EQ(error_of(claim(strings(count + 1, 1))), said + " is not an array of so few strings");
    EXPECT_EQ(error_of(claim("admin")), said + " is not an array of so few strings");
    EXPECT_EQ(error_of(claim({{"admin", true}})), said + " is not an array of so few strings");
    EXPECT_EQ(error_of(claim(json::array({1}))), said + " is not an array of strings");
    EXPECT_EQ(error_of(claim(json::array({nullptr}))), said + " is not an array of strings");
    for (const auto& word : {std::string{}, std::string(bytes + 1, 'r'), std::string("a\nb")})
      EXPECT_EQ(error_of(claim(json::array({word}))),
                said + " is not an array of short printable strings");
  }
}

TEST(token_claims, an_id_of_the_token_is_a_short_string) {
  EXPECT_EQ(error_of({{"sub", "s"}, {"jti", 1}}), "jti is not a string");
  for (const auto& id : {std::string{}, std::string(257, 'j'), std::string("\x1b[2J")})
    EXPECT_EQ(error_of({{"sub", "s"}, {"jti", id}}), "jti is not a short printable string");
}

TEST(token_claims, nobody_asked_for_an_audience_or_an_issuer) {
  EXPECT_EQ(error_of({{"sub", "s"}, {"aud", "x"}, {"iss", "y"}}), "accepted");
  EXPECT_EQ(error_of({{"sub", "s"}, {"aud", nullptr}, {"iss", nullptr}}), "accepted");
  EXPECT_EQ(error_of({{"sub", "s"}, {"aud", 1}}), "aud is not a string or an array of strings");
}

TEST(token_claims, an_error_repeats_nothing_of_the_token) {
  for (const auto* name :
       {"user_id", "sub", "roles", "permissions", "jti", "exp", "nbf", "iat", "iss", "aud"}) {
    const claim_rules rules{"issuer", "audience", {}};
    json claims{{"user_id", "u"}, {"iss", "issuer"}, {"aud", "audience"}};
    claims[name] = {{"sesame", "sesame\n"}};
    if (std::string_view(name) == "sub")
      claims.erase("user_id");
    const auto error = error_of(claims, rules);
    EXPECT_NE(error, "accepted") << name;
    EXPECT_EQ(error.find("sesame"), std::string::npos) << error;
  }
}
