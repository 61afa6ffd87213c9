// Namespaces with placeholders: whose a name is. A boundary: whoever may choose an id or a claim
// must not get at what is another's by it.
#include "troupe/access.hpp"
#include "troupe/wire/name_part.hpp"
#include "troupe/wire/names.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

namespace troupe {
namespace {

using fit = name_pattern::fit;
using claims = std::vector<std::pair<std::string, std::string>>;

identity user(std::string id, claims own = {}) {
  identity out;
  out.user_id = out.username = std::move(id);
  out.claims = std::move(own);
  return out;
}

fit judged(const char* pattern, std::string_view name, const identity* who) {
  const auto read = name_pattern::parse(pattern);
  EXPECT_TRUE(read) << pattern;
  return read ? read->of(name, who) : fit::none;
}

namespace_rule space(std::vector<std::string> patterns, grant::to whom = grant::to::anyone) {
  namespace_rule out;
  out.patterns = std::move(patterns);
  for (auto& each : out.grants)
    each.general = whom;
  return out;
}

// Ids as somebody would choose who wants what is not theirs.
const std::vector<std::string> crooked_ids = {"",
                                              "*",
                                              ">",
                                              ".",
                                              "..",
                                              "bob.",
                                              ".bob",
                                              "bob.>",
                                              "bob.*",
                                              ":",
                                              "::",
                                              "bob:",
                                              ":62ob",
                                              "bob:00",
                                              "{user_id}",
                                              "{claim.tenant}",
                                              "ann.bob",
                                              "user.bob",
                                              "bob\n",
                                              " bob",
                                              "BOB",
                                              "b\xc3\xb6"
                                              "b",
                                              "\xff\xfe",
                                              std::string("bob\0", 4),
                                              std::string("\0bob", 4),
                                              std::string(1, '\0'),
                                              std::string(10'240, 'b'),
                                              std::string(10'240, '\0'),
                                              std::string(10'240, '.')};

} // namespace

TEST(name_part, is_the_value_with_all_else_in_hex) {
  EXPECT_EQ(name_part_of("auth0|7"), "auth0:7C7");
  EXPECT_EQ(name_part_of("ann_1-x@example/y"), "ann_1-x@example/y");
  EXPECT_EQ(name_part_of("a.b*c>d:e"), "a:2Eb:2Ac:3Ed:3Ae");
  EXPECT_EQ(name_part_of("\xc3\xb6"), ":C3:B6");
  EXPECT_EQ(name_part_of(std::string_view("\0", 1)), ":00");
  EXPECT_EQ(name_part_of(""), "");
}

TEST(name_part, is_one_part_and_of_no_other_value) {
  std::mt19937_64 dice(1);
  constexpr std::string_view drawn = "ab:.>*7C2E/\xff{|";
  for (int i = 0; i < 200'000; ++i) {
    std::string one(1 + dice() % 4, '\0'), other(1 + dice() % 4, '\0');
    for (char& c : one)
      c = drawn[dice() % drawn.size()];
    for (char& c : other)
      c = drawn[dice() % drawn.size()];
    const auto part = name_part_of(one);
    ASSERT_TRUE(valid_name(part)) << part;
    ASSERT_EQ(part.find('.'), std::string::npos) << part;
    ASSERT_TRUE(is_name_part_of(part, one)) << part;
    ASSERT_EQ(is_name_part_of(part, other), one == other) << part << ' ' << other;
    ASSERT_FALSE(is_name_part_of(part + "x", one));
    ASSERT_FALSE(is_name_part_of(part.substr(0, part.size() - 1), one));
  }
  EXPECT_FALSE(is_name_part_of("", ""));
  EXPECT_FALSE(is_name_part_of("auth0:7c7", "auth0|7")) << "each value has one part";
}

TEST(name_pattern, a_placeholder_is_a_whole_part) {
  for (const auto* pattern :
       {"{user_id}", "user.{user_id}", "{claim.tenant}.>", "a.{claim.tenant}.{user_id}.*",
        "{claim.https://example.com/tenant}.x", "{claim.claim.}"})
    EXPECT_TRUE(name_pattern::parse(pattern)) << pattern;
  for (const auto* pattern : {"{}",
                              "{user}",
                              "{username}",
                              "{ user_id}",
                              "{user_id",
                              "user_id}",
                              "{USER_ID}",
                              "user.x{user_id}",
                              "user.{user_id}x",
                              "user/{user_id}",
                              "{user_id}{user_id}",
                              "{user_id}>",
                              "{user_id}*",
                              "{user_id}.",
                              ".{user_id}",
                              "{user_id}..a",
                              "{claim.}",
                              "{claim}",
                              "{claim.a b}",
                              "{claim.{user_id}}",
                              "{claim.a}b",
                              ">.{user_id}",
                              "{claim.\n}"})
    EXPECT_FALSE(name_pattern::parse(pattern)) << pattern;
  EXPECT_TRUE(name_pattern::parse("{claim." + std::string(64, 'x') + "}"));
  EXPECT_FALSE(name_pattern::parse("{claim." + std::string(65, 'x') + "}"));
  EXPECT_FALSE(valid_pattern("{user_id}")) << "elsewhere it is no pattern";
}

TEST(name_pattern, says_which_claims_it_names) {
  const auto read = name_pattern::parse("{claim.tenant}.{user_id}.{claim.https://x.org/y}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->claims(), (std::vector<std::string>{"tenant", "https://x.org/y"}));
  EXPECT_EQ(claims_named_by({space({"a", "{claim.b}"}), space({"{claim.c}.{claim.b}"})}),
            (std::vector<std::string>{"b", "c"}));
}

TEST(name_pattern, has_every_name_and_each_is_one_users) {
  const auto ann = user("ann"), seven = user("auth0|7");
  EXPECT_EQ(judged("user.{user_id}", "user.ann", &ann), fit::theirs);
  EXPECT_EQ(judged("user.{user_id}", "user.bob", &ann), fit::others);
  EXPECT_EQ(judged("user.{user_id}", "user.ann", nullptr), fit::others);
  EXPECT_EQ(judged("user.{user_id}", "user.ann.x", &ann), fit::none);
  EXPECT_EQ(judged("user.{user_id}", "user", &ann), fit::none);
  EXPECT_EQ(judged("user.{user_id}", "x.ann", &ann), fit::none);
  EXPECT_EQ(judged("user.{user_id}.>", "user.ann.a.b", &ann), fit::theirs);
  EXPECT_EQ(judged("user.{user_id}.>", "user.ann", &ann), fit::none);
  EXPECT_EQ(judged("*.{user_id}", "x.ann", &ann), fit::theirs);
  EXPECT_EQ(judged("user.{user_id}", "user.auth0:7C7", &seven), fit::theirs);
  EXPECT_EQ(judged("user.{user_id}", "user.auth0:7c7", &seven), fit::others);
}

TEST(name_pattern, every_placeholder_must_be_theirs) {
  const auto ann = user("ann", {{"tenant", "acme"}, {"seat", "7"}});
  const auto* pattern = "{claim.tenant}.{user_id}.{claim.seat}";
  EXPECT_EQ(judged(pattern, "acme.ann.7", &ann), fit::theirs);
  for (const auto* name : {"evil.ann.7", "acme.bob.7", "acme.ann.8"})
    EXPECT_EQ(judged(pattern, name, &ann), fit::others) << name;
}

TEST(name_pattern, a_claim_that_is_missing_or_empty_is_nobodys) {
  const auto none = user("ann"), empty = user("ann", {{"tenant", ""}}),
             other = user("ann", {{"Tenant", "acme"}});
  for (const auto* who : {&none, &empty, &other})
    for (const auto* name : {"acme.x", "ann.x", ":.x", "claim.x"})
      EXPECT_EQ(judged("{claim.tenant}.>", name, who), fit::others) << name;
}

// -- all names of a pattern --------------------------------------------------------------------------

// As by looking at every name of three letters, of which patterns use two, and up to four parts.
TEST(name_pattern, has_all_names_of_a_pattern_if_it_has_each) {
  std::vector<std::string> names, longer{""};
  for (int depth = 0; depth < 4; ++depth) {
    const auto before = std::exchange(longer, {});
    for (const auto& each : before)
      for (const auto* part : {"a", "b", "c"})
        longer.push_back(each + (each.empty() ? "" : ".") + part);
    names.insert(names.end(), longer.begin(), longer.end());
  }
  std::mt19937_64 dice(1);
  const auto draw = [&](bool wild) {
    static constexpr const char* parts[] = {"a", "b", "*", ">"};
    std::string out;
    const auto count = 1 + dice() % 3;
    for (std::size_t i = 0; i < count; ++i)
      out.append(i == 0 ? "" : ".").append(parts[dice() % (i + 1 == count ? 4 : 3)]);
    return wild && !has_wildcard(out) ? out + ".*" : out;
  };
  int having = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto rule = draw(false), asked = draw(true);
    bool all = true;
    for (const auto& name : names)
      all = all && (!matches_pattern(asked, name) || matches_pattern(rule, name));
    const auto read = name_pattern::parse(rule);
    ASSERT_TRUE(read && valid_topic_pattern(asked)) << rule << ' ' << asked;
    ASSERT_EQ(read->has_all(asked, nullptr), all ? fit::theirs : fit::none) << rule << ' ' << asked;
    having += all ? 1 : 0;
  }
  EXPECT_GT(having, 1'000);
}

TEST(name_pattern, all_names_of_a_pattern_are_somebodys_if_the_placeholder_is_one_part) {
  const auto ann = user("ann");
  const auto all = [&](const char* rule, const char* asked) {
    return name_pattern::parse(rule)->has_all(asked, &ann);
  };
  EXPECT_EQ(all("{user_id}.>", "ann.*"), fit::theirs);
  EXPECT_EQ(all("{user_id}.>", "ann.>"), fit::theirs);
  EXPECT_EQ(all("{user_id}.>", "bob.*"), fit::others);
  EXPECT_EQ(all("{user_id}.>", "*.x"), fit::none) << "those are many users'";
  EXPECT_EQ(all("{user_id}.>", ">"), fit::none);
  EXPECT_EQ(all("user.{user_id}", "user.*"), fit::none);
  EXPECT_EQ(all("user.{user_id}", "user.>"), fit::none);
}

// -- what it means for who may do what ---------------------------------------------------------------

TEST(placeholders, a_name_is_refused_to_all_but_its_user) {
  const access_rules rules({space({"user.{user_id}"}), space({">"})});
  const auto ann = user("ann"), bob = user("bob");
  for (const auto what :
       {action::subscribe, action::publish, action::join, action::presence, action::history}) {
    EXPECT_TRUE(rules.allow(what, "user.ann", &ann));
    EXPECT_TRUE(rules.allow(what, "user.bob", &bob));
    EXPECT_FALSE(rules.allow(what, "user.bob", &ann)) << "a wider namespace opens nothing";
    EXPECT_FALSE(rules.allow(what, "user.bob", nullptr)) << "nobody is without a token";
    EXPECT_TRUE(rules.allow(what, "user.bob.x", &ann)) << "which is another name";
  }
}

TEST(placeholders, settings_do_not_depend_on_who_asks) {
  auto inbox = space({"user.{user_id}"});
  inbox.members_max = 7;
  const access_rules rules({inbox, space({">"})});
  EXPECT_EQ(rules.of("user.bob")->members_max, 7u);
  EXPECT_EQ(rules.of("user.bob.x")->members_max, 0u);
  EXPECT_EQ(rules.all_of("user.bob"), (std::vector<std::size_t>{0, 1}));
}

TEST(placeholders, a_namespace_is_all_its_patterns_together) {
  const access_rules rules({space({"user.{user_id}", "user.public", "{claim.team}.*"})});
  const auto ann = user("ann", {{"team", "user"}});
  EXPECT_TRUE(rules.allow(action::join, "user.ann", &ann));
  EXPECT_TRUE(rules.allow(action::join, "user.public", nullptr));
  EXPECT_TRUE(rules.allow(action::join, "user.bob", &ann)) << "by the third";
  const auto bob = user("bob");
  EXPECT_FALSE(rules.allow(action::join, "user.ann", &bob));
}

TEST(placeholders, a_grant_and_a_denial_hold_besides) {
  auto inbox = space({"user.{user_id}"}, grant::to::nobody);
  inbox.grants[static_cast<std::size_t>(action::join)].roles = {"staff"};
  inbox.denied_roles = {"banned"};
  const access_rules rules({inbox});
  auto ann = user("ann");
  EXPECT_FALSE(rules.allow(action::join, "user.ann", &ann));
  ann.roles = {"staff"};
  EXPECT_TRUE(rules.allow(action::join, "user.ann", &ann));
  EXPECT_FALSE(rules.allow(action::join, "user.bob", &ann)) << "staff or not";
  ann.roles = {"staff", "banned"};
  EXPECT_FALSE(rules.allow(action::join, "user.ann", &ann));
}

TEST(placeholders, in_a_permission_mean_nothing) {
  auto asked = space({">"}, grant::to::nobody);
  asked.grants[static_cast<std::size_t>(action::join)].by_permission = true;
  const access_rules rules({asked});
  auto ann = user("ann");
  ann.permissions = {"join:user.{user_id}", "join:{user_id}.>", "join:{claim.x}"};
  for (const auto* name : {"user.ann", "user.bob", "ann.x"})
    EXPECT_FALSE(rules.allow(action::join, name, &ann)) << name;
}

TEST(placeholders, no_id_and_no_claim_is_another_name_or_more_than_one) {
  const access_rules rules(
    {space({"user.{user_id}"}), space({"t.{claim.tenant}", "t.{claim.tenant}.>"})});
  for (const auto& id : crooked_ids) {
    const auto who = user(id, {{"tenant", id}});
    for (const auto* name : {"user.bob", "user.ann", "user.:00", "user.b", "t.bob", "t.bob.x",
                             "t.bob.x.y", "t.b.x", "user.user", "t.:62ob", "user.bob:00x", "t.:.x"})
      EXPECT_EQ(rules.allow(action::subscribe, name, &who), name == "user." + name_part_of(id))
        << name << " by " << id;
    // What is theirs is exactly one part, if any: that of their id.
    const auto part = name_part_of(id);
    const auto own = "user." + part;
    EXPECT_EQ(valid_name(own) && rules.allow(action::subscribe, own, &who),
              !id.empty() && own.size() <= name_bytes_max)
      << id;
    EXPECT_EQ(part.find_first_of(".*>"), std::string::npos);
  }
}

TEST(placeholders, random_users_have_their_own_names_alone) {
  const access_rules rules({space({"u.{user_id}", "{claim.t}.u"}), space({">"})});
  std::mt19937_64 dice(7);
  constexpr std::string_view drawn = "ub:.>*A2E{}";
  const auto draw = [&](std::size_t most) {
    std::string out(dice() % (most + 1), '\0');
    for (char& c : out)
      c = drawn[dice() % drawn.size()];
    return out;
  };
  int theirs = 0, refused = 0;
  for (int i = 0; i < 300'000; ++i) {
    const auto who = user(draw(2), {{"t", draw(1)}});
    const std::string name = dice() % 2 ? "u." + draw(3) : draw(3) + ".u";
    if (!valid_name(name))
      continue;
    const auto dot = name.find('.');
    const bool two = dot != std::string::npos && name.find('.', dot + 1) == std::string::npos;
    const bool by_id = two && name.substr(0, dot) == "u";
    const bool by_claim = two && name.substr(dot + 1) == "u";
    const auto is = [](const std::string& part, std::string_view value) {
      return !value.empty() && part == name_part_of(value);
    };
    const bool own = (by_id && is(name.substr(dot + 1), who.user_id)) ||
                     (by_claim && is(name.substr(0, dot), who.claim("t")));
    const bool expected = own || !(by_id || by_claim);
    ASSERT_EQ(rules.allow(action::join, name, &who), expected) << name << " by " << who.user_id;
    theirs += own ? 1 : 0;
    refused += expected ? 0 : 1;
  }
  EXPECT_GT(theirs, 500);
  EXPECT_GT(refused, 5'000);
}

} // namespace troupe
