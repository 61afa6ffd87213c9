#include "troupe/access.hpp"
#include "troupe/wire/names.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <random>
#include <utility>

namespace troupe {
namespace {

// The rules word for word: split at the dots, then token by token.
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens{""};
  for (const char c : text)
    if (c == '.')
      tokens.emplace_back();
    else
      tokens.back().push_back(c);
  return tokens;
}

// What stands before a wildcard: nothing, or what ends with a slash. For any other token no name.
std::string stem_of(const std::string& token) {
  const auto stem = token.substr(0, token.size() - (token.empty() ? 0 : 1));
  const bool wild = token.ends_with('*') || token.ends_with('>');
  return wild && (stem.empty() || stem.ends_with('/')) ? stem : "*";
}

bool is_pattern(std::string_view text) {
  const auto tokens = tokens_of(text);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (!valid_name(tokens[i]) && !valid_name(stem_of(tokens[i]) + "x"))
      return false;
    else if (tokens[i].ends_with('>') && i + 1 != tokens.size())
      return false;
  return text.size() <= 128;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& name,
          std::size_t at = 0) {
  if (at == pattern.size() || at == name.size())
    return at == pattern.size() && at == name.size();
  const auto stem = stem_of(pattern[at]);
  const bool wild = stem != "*";
  const bool fit = wild ? name[at].starts_with(stem) && name[at] != stem : name[at] == pattern[at];
  return fit && (pattern[at].ends_with('>') || fits(pattern, name, at + 1));
}

grant anyone() {
  return {grant::to::anyone, {}, false};
}
grant authenticated() {
  return {grant::to::authenticated, {}, false};
}
grant roles(std::vector<std::string> names) {
  return {grant::to::nobody, std::move(names), false};
}
grant permission() {
  return {grant::to::nobody, {}, true};
}

// A namespace that grants `given` to whoever asks for `what`, and nothing else.
namespace_rule space(std::vector<std::string> patterns, action what, grant given) {
  namespace_rule out;
  out.patterns = std::move(patterns);
  out.grants[static_cast<std::size_t>(what)] = std::move(given);
  return out;
}

identity user(std::vector<std::string> roles, std::vector<std::string> permissions = {}) {
  identity out;
  out.user_id = out.username = "ada";
  out.roles = std::move(roles);
  out.permissions = std::move(permissions);
  return out;
}

} // namespace

TEST(patterns, a_pattern_is_a_name_whose_tokens_may_be_wildcards) {
  for (const auto* pattern : {"a", "a.b", "*", ">", "*.*", "*.>", "a.*", "a.>", "a.*.b", "poll/a.*",
                              "user:1@home.>", "poll/*", "poll/>", "a/b/*", "/*", "a.poll/*.b"})
    EXPECT_TRUE(valid_pattern(pattern)) << pattern;
  for (const auto* pattern :
       {"",     ".",           "a.",    ".a",      "a..b",     "*.",      ".>",      "a*",
        "*a",   "**",          "a.*b",  ">>",      ">.a",      "a.>.b",   ">.>",     "a >",
        "a.\n", "caf\xc3\xa9", "poll*", "poll/*x", "poll/>.a", "poll/**", "poll*/*", "*/poll"})
    EXPECT_FALSE(valid_pattern(pattern)) << pattern;
  EXPECT_FALSE(valid_pattern(std::string_view("a\0", 2)));
  EXPECT_TRUE(valid_pattern(std::string(126, 'a') + ".>"));
  EXPECT_FALSE(valid_pattern(std::string(127, 'a') + ".>"));
}

TEST(patterns, a_star_is_one_token_and_an_arrow_one_or_more) {
  EXPECT_TRUE(matches_pattern("orders.*", "orders.new"));
  EXPECT_FALSE(matches_pattern("orders.*", "orders"));
  EXPECT_FALSE(matches_pattern("orders.*", "orders.new.eu"));
  EXPECT_TRUE(matches_pattern("orders.>", "orders.new"));
  EXPECT_TRUE(matches_pattern("orders.>", "orders.new.eu"));
  EXPECT_FALSE(matches_pattern("orders.>", "orders"));
  EXPECT_FALSE(matches_pattern("orders.>", "ordersx.new"));
  EXPECT_TRUE(matches_pattern(">", "a"));
  EXPECT_TRUE(matches_pattern(">", "a.b.c"));
  EXPECT_TRUE(matches_pattern("*.b.*", "a.b.c"));
  EXPECT_FALSE(matches_pattern("*.b.*", "a.c.c"));
  EXPECT_TRUE(matches_pattern("a.b", "a.b"));
  EXPECT_FALSE(matches_pattern("a.b", "a.B"));
  EXPECT_FALSE(matches_pattern("a.b", "a.b.c"));
  EXPECT_FALSE(matches_pattern("a.b.c", "a.b"));
}

TEST(patterns, behind_a_slash_a_wildcard_stands_for_the_rooms_of_a_type) {
  EXPECT_TRUE(matches_pattern("poll/*", "poll/lunch"));
  EXPECT_TRUE(matches_pattern("poll/*", "poll/a/b"));
  EXPECT_FALSE(matches_pattern("poll/*", "poll/lunch.monday"));
  EXPECT_TRUE(matches_pattern("poll/>", "poll/lunch.monday"));
  EXPECT_TRUE(matches_pattern("poll/*.monday", "poll/lunch.monday"));
  for (const auto* other : {"poll", "poll/", "polls/lunch", "chat", "a.poll/lunch", "poll/.a"})
    for (const auto* pattern : {"poll/*", "poll/>"})
      EXPECT_FALSE(matches_pattern(pattern, other)) << other;
  const access_rules rules({space({"poll/*"}, action::join, anyone())});
  EXPECT_TRUE(rules.allow(action::join, "poll/lunch", nullptr));
  EXPECT_FALSE(rules.allow(action::join, "poll/", nullptr));
  EXPECT_FALSE(rules.allow(action::join, "lunch", nullptr));
  const access_rules some({space({"poll/>"}, action::join, permission())});
  const auto ann = user({}, {"join:poll/lunch.*"});
  EXPECT_TRUE(some.allow(action::join, "poll/lunch.monday", &ann));
  EXPECT_FALSE(some.allow(action::join, "poll/dinner", &ann));
}

TEST(patterns, what_is_no_pattern_matches_nothing) {
  for (const auto* pattern : {"", "a.", ".a", "a..b", ">.a", "a.>.b", "a*", "*b"})
    for (const auto* name : {"a", "a.b", "a.x.b", "ab"})
      EXPECT_FALSE(matches_pattern(pattern, name)) << pattern << ' ' << name;
}

TEST(patterns, random_ones_are_judged_as_by_the_rules) {
  std::mt19937_64 dice(1);
  constexpr std::string_view drawn = "aab//...**>> ";
  int matched = 0, patterns = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string pattern(dice() % 7, '\0'), name(1 + dice() % 6, '\0');
    for (char& c : pattern)
      c = drawn[dice() % drawn.size()];
    for (char& c : name)
      c = drawn[dice() % 8];
    const bool is_one = is_pattern(pattern);
    ASSERT_EQ(valid_pattern(pattern), is_one) << pattern;
    patterns += is_one ? 1 : 0;
    if (!valid_name(name))
      continue;
    const bool fit = is_one && fits(tokens_of(pattern), tokens_of(name));
    ASSERT_EQ(matches_pattern(pattern, name), fit) << pattern << ' ' << name;
    const access_rules rules({space({pattern}, action::join, anyone())});
    ASSERT_EQ(rules.allow(action::join, name, nullptr), fit) << pattern << ' ' << name;
    ASSERT_EQ(rules.of(name) != nullptr, fit) << pattern << ' ' << name;
    matched += fit ? 1 : 0;
  }
  EXPECT_GT(patterns, 10'000);
  EXPECT_GT(matched, 1000);
}

TEST(access, without_namespaces_all_is_open) {
  for (const access_rules& rules : {access_rules(), access_rules(std::vector<namespace_rule>{})})
    for (const auto what :
         {action::subscribe, action::publish, action::join, action::presence, action::history})
      EXPECT_TRUE(rules.allow(what, "a.b", nullptr));
  EXPECT_EQ(access_rules().of("a"), nullptr);
}

TEST(access, with_a_namespace_what_none_matches_is_closed) {
  const access_rules rules({space({"a.*"}, action::subscribe, anyone())});
  const auto admin = user({"admin"}, {"subscribe:>"});
  EXPECT_TRUE(rules.allow(action::subscribe, "a.b", nullptr));
  EXPECT_FALSE(rules.allow(action::subscribe, "a", nullptr));
  EXPECT_FALSE(rules.allow(action::subscribe, "b.a", &admin));
}

TEST(access, who_is_refused_is_told_what_is_missing) {
  const access_rules rules({space({"a.*"}, action::subscribe, anyone())});
  const auto said = [&](action what, std::string_view name) {
    const auto told = rules.refusal(what, name);
    EXPECT_EQ(told.code, errc::insufficient_permissions);
    return told.message;
  };
  EXPECT_EQ(said(action::publish, "a.b"),
            "Insufficient permissions: 'publish' is not allowed here");
  EXPECT_EQ(said(action::history, "a.b"),
            "Insufficient permissions: 'history' is not allowed here");
  EXPECT_EQ(said(action::join, "b"), "Insufficient permissions: no namespace matches this name");
  EXPECT_EQ(said(action::subscribe, "b.>"),
            "Insufficient permissions: 'subscribe' by this pattern is not allowed");
}

TEST(access, a_verb_that_is_not_granted_is_nobodys) {
  const access_rules rules({space({">"}, action::subscribe, anyone())});
  const auto admin = user({"admin"}, {"publish:>", "join:>"});
  for (const auto what : {action::publish, action::join, action::presence, action::history})
    EXPECT_FALSE(rules.allow(what, "a", &admin));
}

TEST(access, each_verb_has_its_own_grant) {
  for (std::size_t granted = 0; granted < std::size(action_names); ++granted) {
    const access_rules rules({space({"a"}, static_cast<action>(granted), anyone())});
    for (std::size_t asked = 0; asked < std::size(action_names); ++asked)
      EXPECT_EQ(rules.allow(static_cast<action>(asked), "a", nullptr), asked == granted);
  }
}

TEST(access, the_authenticated_are_those_with_an_identity) {
  const access_rules rules({space({"a"}, action::join, authenticated())});
  const auto ada = user({});
  EXPECT_FALSE(rules.allow(action::join, "a", nullptr));
  EXPECT_TRUE(rules.allow(action::join, "a", &ada));
}

TEST(access, one_of_the_roles_is_enough) {
  const access_rules rules({space({"a"}, action::publish, roles({"editor", "admin"}))});
  EXPECT_FALSE(rules.allow(action::publish, "a", nullptr));
  const std::pair<const char*, bool> cases[] = {{"editor", true}, {"admin", true},
                                                {"Admin", false}, {"admin ", false},
                                                {"adm", false},   {"", false}};
  for (const auto& [role, allowed] : cases) {
    const auto who = user({"guest", role});
    EXPECT_EQ(rules.allow(action::publish, "a", &who), allowed) << role;
  }
}

TEST(access, a_permission_is_a_verb_and_a_pattern) {
  const access_rules rules({space({">"}, action::subscribe, permission())});
  const auto may = [&](const char* given, const char* name) {
    const auto who = user({"subscribe:>", "admin"}, {"join:>", given});
    return rules.allow(action::subscribe, name, &who);
  };
  EXPECT_FALSE(rules.allow(action::subscribe, "orders.new", nullptr));
  EXPECT_TRUE(may("subscribe:orders.*", "orders.new"));
  EXPECT_FALSE(may("subscribe:orders.*", "orders.new.eu"));
  EXPECT_TRUE(may("subscribe:orders.>", "orders.new.eu"));
  EXPECT_TRUE(may("subscribe:>", "a"));
  EXPECT_TRUE(may("subscribe:user:1", "user:1")) << "a name may have colons too";
}

TEST(access, a_malformed_permission_grants_nothing) {
  const access_rules rules({space({">"}, action::subscribe, permission())});
  for (const auto* given : {"",
                            ":",
                            "subscribe",
                            "subscribe:",
                            "subscribe:a.",
                            "subscribe:.a",
                            "subscribe: a",
                            " subscribe:a",
                            "Subscribe:a",
                            "subscribe:a*",
                            "subscribe:>.a",
                            "subscribe:**",
                            "*:a",
                            ">",
                            "a",
                            "publish:a",
                            "subscribed:a",
                            "sub:a",
                            "subscribe:a,b",
                            "subscribe::a"}) {
    const auto who = user({}, {given});
    EXPECT_FALSE(rules.allow(action::subscribe, "a", &who)) << given;
  }
}

TEST(access, a_permission_counts_only_where_the_namespace_asks_for_one) {
  const access_rules rules({space({"a"}, action::join, roles({"admin"}))});
  const auto who = user({"guest"}, {"join:a", "join:>"});
  EXPECT_FALSE(rules.allow(action::join, "a", &who));
}

TEST(access, several_kinds_of_grant_add_up) {
  auto given = roles({"admin"});
  given.by_permission = true;
  const access_rules rules({space({"a"}, action::join, given)});
  const auto admin = user({"admin"}), permitted = user({}, {"join:a"}), neither = user({"guest"});
  EXPECT_TRUE(rules.allow(action::join, "a", &admin));
  EXPECT_TRUE(rules.allow(action::join, "a", &permitted));
  EXPECT_FALSE(rules.allow(action::join, "a", &neither));
}

TEST(access, every_namespace_that_matches_must_allow) {
  const access_rules rules({space({"a.>"}, action::join, anyone()),
                            space({"a.b.>"}, action::join, roles({"admin"})),
                            space({"*.b.c"}, action::join, roles({"editor"}))});
  const auto admin = user({"admin"}), both = user({"admin", "editor"});
  EXPECT_TRUE(rules.allow(action::join, "a.x", nullptr));
  EXPECT_FALSE(rules.allow(action::join, "a.b.x", nullptr));
  EXPECT_TRUE(rules.allow(action::join, "a.b.x", &admin));
  EXPECT_FALSE(rules.allow(action::join, "a.b.c", &admin));
  EXPECT_TRUE(rules.allow(action::join, "a.b.c", &both));
}

TEST(access, deny_wins) {
  auto open = space({"a.>", "a.b"}, action::join, anyone());
  open.denied_roles = {"guest", "banned"};
  const access_rules rules({open, space({"a.c"}, action::join, roles({"guest"}))});
  const auto guest = user({"admin", "guest"}), ada = user({"admin"});
  EXPECT_FALSE(rules.allow(action::join, "a.b", &guest));
  EXPECT_FALSE(rules.allow(action::join, "a.c", &guest));
  EXPECT_TRUE(rules.allow(action::join, "a.b", &ada));
  EXPECT_TRUE(rules.allow(action::join, "a.b", nullptr)) << "who has no roles has none of these";
}

TEST(access, the_first_namespace_that_matches_gives_the_bounds) {
  auto first = space({"x", "a.b"}, action::join, anyone());
  first.members_max = 1;
  auto second = space({"a.>"}, action::join, anyone());
  second.members_max = 2;
  const access_rules rules({first, second});
  EXPECT_EQ(rules.of("x")->members_max, 1u);
  EXPECT_EQ(rules.of("a.b")->members_max, 1u);
  EXPECT_EQ(rules.of("a.c")->members_max, 2u);
  EXPECT_EQ(rules.of("a"), nullptr);
}

TEST(access, copies_stand_on_their_own) {
  auto first = std::make_unique<access_rules>(
    std::vector<namespace_rule>{space({"a", "*.b"}, action::join, anyone())});
  const access_rules copy = *first;
  const namespace_rule* const before = first->of("a");
  first.reset();
  EXPECT_TRUE(copy.allow(action::join, "x.b", nullptr));
  EXPECT_NE(copy.of("a"), before);
  EXPECT_EQ(copy.of("a"), &copy.namespaces()[0]);
}

} // namespace troupe
