// Who listens by which pattern on a loop: the same as a list of pairs, whoever comes and goes.
#include "troupe/access.hpp"
#include "troupe/delivery/listener_table.hpp"
#include "troupe/delivery/pattern_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>

namespace troupe {
namespace {

struct listener : audience_listener {
  bool may = true;
};

using listeners = std::set<audience_listener*>;

constexpr auto all_may = [](audience_listener&) { return true; };

listeners heard(pattern_table& table, audience_id topic, const std::string& name) {
  const auto& found = table.who_hear(
    topic, name, [](audience_listener& each) { return static_cast<listener&>(each).may; });
  listeners out(found.by.begin(), found.by.end());
  EXPECT_EQ(out.size(), found.by.size()) << "each once";
  return out;
}

} // namespace

TEST(pattern_table, is_what_a_list_of_pairs_would_be) {
  const std::vector<std::string> patterns{"a.*", "*.b", "a.>", ">", "*", "a.b", "b.*"};
  const std::vector<std::string> topics{"a", "a.b", "a.c", "b.b", "c.c.c"};
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 dice(seed);
    pattern_table table;
    std::array<listener, 5> all;
    std::set<std::pair<audience_listener*, std::string>> pairs;
    for (int i = 0; i < 300; ++i) {
      auto& who = all[dice() % all.size()];
      const auto& pattern = patterns[dice() % patterns.size()];
      switch (dice() % 4) {
      case 0:
        ASSERT_EQ(table.remove(who, pattern), pairs.erase({&who, pattern}) > 0);
        break;
      case 1:
        who.may = !who.may;
        table.look_again();
        break;
      default:
        ASSERT_EQ(table.add(who, pattern), pairs.emplace(&who, pattern).second);
      }
      const auto topic = dice() % topics.size();
      listeners expected;
      for (const auto& [each, its] : pairs)
        if (static_cast<listener&>(*each).may && matches_pattern(its, topics[topic]))
          expected.insert(each);
      ASSERT_EQ(heard(table, audience_id{topic + 1}, topics[topic]), expected) << "seed " << seed;
      std::size_t own = 0;
      for (const auto& [each, its] : pairs)
        own += each == &who ? 1 : 0;
      ASSERT_EQ(table.count(who), own);
      ASSERT_EQ(table.of(who).size(), own);
      ASSERT_EQ(table.has(who, pattern), pairs.contains({&who, pattern}));
    }
    ASSERT_EQ(table.empty(), pairs.empty());
  }
}

TEST(pattern_table, asks_once_whether_somebody_may_until_something_changes) {
  pattern_table table;
  listener ann, ben;
  table.add(ann, "a.*");
  table.add(ben, ">");
  int asked = 0;
  const auto look = [&](std::uint64_t topic) {
    table.who_hear(audience_id{topic}, "a.b", [&](audience_listener&) { return ++asked > 0; });
  };
  look(1);
  look(1);
  EXPECT_EQ(asked, 2) << "once for each listener";
  look(2);
  EXPECT_EQ(asked, 4) << "and topic";
  table.look_again(audience_id{1});
  look(1);
  look(2);
  EXPECT_EQ(asked, 6) << "of that topic something has changed";
  table.look_again();
  look(1);
  look(2);
  EXPECT_EQ(asked, 10);
  table.remove(ann, "a.*");
  look(1);
  EXPECT_EQ(asked, 11);
  table.remove(ben, ">");
}

TEST(pattern_table, what_it_keeps_has_a_bound) {
  pattern_table table;
  listener ann;
  table.add(ann, ">");
  for (std::uint64_t topic = 1; topic <= 200'000; ++topic) {
    table.who_hear(audience_id{topic}, "a", all_may);
    if (topic % 3 == 0)
      table.look_again(audience_id{topic});
    ASSERT_LE(table.kept(), pattern_table::kept_max);
  }
  const auto before = table.kept();
  for (int i = 0; i < 1000; ++i) {
    table.look_again(audience_id{200'000});
    table.who_hear(audience_id{200'000}, "a", all_may);
  }
  EXPECT_EQ(table.kept(), before) << "what is found again counts once";
  table.remove(ann, ">");
}

} // namespace troupe
