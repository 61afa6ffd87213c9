#include "troupe/roster.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace troupe {
namespace {

TEST(roster, random_changes_do_what_a_map_does) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 dice(seed);
    roster members;
    std::map<connection_id, std::pair<std::string, ticket>> simple;
    for (int step = 0; step < 500; ++step) {
      const auto who = connection_id::make(static_cast<std::uint32_t>(dice() % 5),
                                           static_cast<std::uint32_t>(dice() % 6),
                                           static_cast<std::uint32_t>(1 + dice() % 2));
      const std::string name = "u" + std::to_string(dice() % 10);
      const auto asked = static_cast<ticket>(dice() % 3);
      if (dice() % 2) {
        ASSERT_EQ(members.add({who, name, asked}), !simple.contains(who));
        simple[who] = {name, asked};
      } else {
        member removed;
        const bool there = simple.contains(who) && simple[who].second == asked;
        ASSERT_EQ(members.remove(who, asked, removed), there);
        if (there) {
          ASSERT_EQ(removed.connection, who);
          ASSERT_EQ(removed.user, simple[who].first);
          simple.erase(who);
        }
      }
      ASSERT_EQ(members.size(), simple.size());
      ASSERT_EQ(members.empty(), simple.empty());
      for (const auto& [id, known] : simple) {
        const member* found = members.find(id);
        ASSERT_NE(found, nullptr);
        ASSERT_EQ(found->user, known.first);
        ASSERT_EQ(found->asked, known.second);
      }
    }
    std::map<connection_id, std::pair<std::string, ticket>> walked;
    for (const auto& who : members)
      walked[who.connection] = {who.user, who.asked};
    EXPECT_EQ(walked, simple);
  }
}

TEST(roster, a_connection_that_took_the_place_of_another_is_somebody_else) {
  roster members;
  members.add({connection_id::make(0, 7, 1), "old"});
  EXPECT_EQ(members.find(connection_id::make(0, 7, 2)), nullptr);
  EXPECT_TRUE(members.add({connection_id::make(0, 7, 2), "new"}));
  EXPECT_EQ(members.size(), 2u);
}

TEST(roster, a_member_with_another_token_has_its_name_and_stays_what_it_was_otherwise) {
  const auto id = connection_id::make(0, 7, 1);
  const auto token = std::make_shared<const identity>(identity{"u1", "Ann", {}, {}, {}, {}});
  roster members;
  EXPECT_FALSE(members.identify(id, token, 4));
  members.add({id, "guest", 3, nullptr, "public id"});
  EXPECT_TRUE(members.identify(id, token, 4));
  const member* known = members.find(id);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->who, token);
  EXPECT_EQ(known->user, "Ann");
  EXPECT_EQ(known->asked, 3u);
  EXPECT_EQ(known->from, "public id");
  EXPECT_EQ(members.size(), 1u);
}

TEST(roster, what_was_asked_before_a_token_came_does_not_bring_back_who_that_was) {
  const auto id = connection_id::make(0, 7, 1);
  const auto token = std::make_shared<const identity>(identity{"u1", "Ann", {}, {}, {}, {}});
  roster members;
  members.add({id, "guest", 3});
  members.identify(id, token, 5); // 4 is on the way
  EXPECT_FALSE(members.add({id, "guest", 4}));
  EXPECT_EQ(members.find(id)->who, token);
  EXPECT_EQ(members.find(id)->user, "Ann");
  EXPECT_EQ(members.find(id)->asked, 4u);
  const auto later = std::make_shared<const identity>(*token);
  EXPECT_FALSE(members.add({id, "Ann", 5, later}));
  EXPECT_EQ(members.find(id)->who, later);
}

} // namespace
} // namespace troupe
