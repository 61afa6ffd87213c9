// Patterns found by a name: the same as by trying each, and at what cost.
#include "troupe/access.hpp"
#include "troupe/pattern_routes.hpp"
#include "troupe/wire/names.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace troupe {
namespace {

using names = std::set<std::string>;

std::string drawn(std::mt19937_64& dice, bool pattern) {
  static constexpr const char* parts[] = {"a", "b", "c", "*", "*", ">"};
  std::string out;
  const auto count = 1 + dice() % 4;
  for (std::size_t i = 0; i < count; ++i) {
    const auto wild = pattern ? (i + 1 == count ? 6u : 5u) : 3u;
    out.append(i == 0 ? "" : ".").append(parts[dice() % wild]);
  }
  return out;
}

names matching(const pattern_trie<std::string>& all, const std::string& name) {
  names out;
  all.for_each_match(name, [&](const std::string& pattern) {
    EXPECT_TRUE(out.insert(pattern).second) << "told twice";
  });
  return out;
}

} // namespace

TEST(pattern_trie, finds_what_trying_each_pattern_finds_while_they_come_and_go) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 dice(seed);
    pattern_trie<std::string> all;
    names there;
    for (int i = 0; i < 400; ++i) {
      const auto pattern = drawn(dice, true);
      if (dice() % 3 != 0) {
        ASSERT_EQ(all.find(pattern) != nullptr, there.contains(pattern));
        all.add(pattern) = pattern;
        there.insert(pattern);
      } else {
        ASSERT_EQ(all.erase(pattern), there.erase(pattern) > 0) << pattern;
      }
      ASSERT_EQ(all.size(), there.size());
      const auto name = drawn(dice, false);
      names expected;
      for (const auto& each : there)
        if (matches_pattern(each, name))
          expected.insert(each);
      ASSERT_EQ(matching(all, name), expected) << name << ", seed " << seed;
      ASSERT_EQ(all.matches(name), !expected.empty());
    }
    for (const auto& each : there)
      ASSERT_TRUE(all.erase(each));
    EXPECT_TRUE(all.empty());
    EXPECT_EQ(all.for_each_match("a.b.c", [](auto&) {}), 1u) << "nothing is left behind";
  }
}

TEST(pattern_trie, costs_by_the_patterns_that_match_and_not_by_all) {
  pattern_trie<int> all;
  const auto looks = [&all] { return all.for_each_match("orders.eu.new", [](int) {}); };
  all.add("orders.*.new") = all.add("orders.>") = 1;
  const auto alone = looks();
  for (int i = 0; i < 50'000; ++i) {
    all.add("other" + std::to_string(i) + ".*") = 2;
    all.add("orders.us" + std::to_string(i) + ".>") = 2;
    all.add("orders.eu.old" + std::to_string(i)) = 2;
  }
  EXPECT_LE(looks(), alone + 1) << "100,000 and more others: one is on the way";
}

TEST(pattern_trie, the_deepest_pattern_there_can_be) {
  std::string pattern = "*", name = "a";
  for (std::size_t i = 1; i < pattern_parts_max; ++i) {
    pattern += ".*";
    name += ".a";
  }
  ASSERT_TRUE(valid_topic_pattern(pattern));
  ASSERT_FALSE(valid_topic_pattern(pattern + ".*"));
  pattern_trie<int> all;
  all.add(pattern) = 7;
  EXPECT_TRUE(all.matches(name));
  EXPECT_FALSE(all.matches(name + ".a"));
  EXPECT_TRUE(all.erase(pattern));
  EXPECT_TRUE(all.empty());
}

TEST(topic_pattern, is_a_name_in_which_whole_parts_are_wildcards) {
  for (const auto* pattern : {"*", ">", "a.*", "*.a", "a.>", "*.*", "a.*.b", "*.>", "a/b.*"})
    EXPECT_TRUE(valid_topic_pattern(pattern)) << pattern;
  for (const auto* other : {"", "a", "a.b", "a*", "*a", "**", ">>", ">.a", "a.>.b", "a..*", ".*",
                            "*.", "a/*", "a.b>", "a >", "*.\n", "a.*b", "x.*.", "caf\xc3\xa9.*"})
    EXPECT_FALSE(valid_topic_pattern(other)) << other;
  EXPECT_TRUE(valid_topic_pattern(std::string(126, 'a') + ".*"));
  EXPECT_FALSE(valid_topic_pattern(std::string(127, 'a') + ".*"));
}

TEST(pattern_routes, tell_a_topic_of_its_children_and_when_to_look_again) {
  pattern_routes all;
  matching_children found;
  using children = std::vector<std::uint32_t>;
  EXPECT_EQ(all.generation(), 0u);
  EXPECT_EQ(found.of(all, "a.b"), children{});
  all.add("a.*", 2);
  EXPECT_EQ(found.of(all, "a.b"), children{2});
  all.add(">", 2);
  all.add(">", 0);
  auto both = found.of(all, "a.b");
  std::ranges::sort(both);
  EXPECT_EQ(both, (children{0, 2}));
  all.remove(">", 2);
  all.remove("a.*", 2);
  EXPECT_EQ(found.of(all, "a.b"), children{0});
  all.remove("x", 1);
  all.remove(">", 0);
  EXPECT_EQ(found.of(all, "a.b"), children{});
}

} // namespace troupe
