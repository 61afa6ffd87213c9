#include "troupe/users/user_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace troupe {
namespace {

connection_id number(std::uint32_t n) {
  return connection_id::make(n % 3, n, 1);
}

identity_ptr person(std::string user_id, std::vector<std::string> roles = {},
                    std::string token_id = {}) {
  return std::make_shared<const identity>(
    identity{user_id, "name of " + user_id, std::move(roles), {}, std::move(token_id), {}});
}

using ids = std::vector<connection_id>;

ids sorted(ids some) {
  std::sort(some.begin(), some.end());
  return some;
}

TEST(user_index, random_changes_do_what_a_list_does) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 dice(seed);
    user_index here;
    std::map<connection_id, identity_ptr> simple;
    const auto roll = [&](const char* prefix, std::uint64_t sides) {
      return prefix + std::to_string(dice() % sides);
    };
    const auto those = [&](auto fits) {
      ids out;
      for (const auto& [connection, who] : simple)
        if (fits(*who))
          out.push_back(connection);
      return out;
    };
    for (int step = 0; step < 400; ++step) {
      const auto connection = number(static_cast<std::uint32_t>(dice() % 20));
      if (dice() % 3 != 0) {
        // The same role twice, or no token id, is nothing to trip over.
        auto who = person(roll("u", 5), {roll("r", 3), roll("r", 3)},
                          dice() % 2 ? roll("t", 4) : std::string());
        here.add(connection, who);
        simple[connection] = std::move(who);
      } else {
        ASSERT_EQ(here.remove(connection), simple.erase(connection) == 1);
      }
      ASSERT_EQ(here.connections(), simple.size());
      std::map<std::string, std::uint32_t> by_user;
      for (const auto& [c, who] : simple)
        ++by_user[who->user_id];
      ASSERT_EQ(here.distinct_users(), by_user.size());
      std::map<std::string, std::uint32_t> listed;
      for (const auto& each : here.users({}, 100))
        listed[each.who->user_id] = each.connections;
      ASSERT_EQ(listed, by_user);
      for (int n = 0; n < 5; ++n) {
        const std::string user = "u" + std::to_string(n), role = "r" + std::to_string(n),
                          token = "t" + std::to_string(n);
        ASSERT_EQ(sorted(here.of_user(user)),
                  those([&](const identity& who) { return who.user_id == user; }));
        ASSERT_EQ(sorted(here.of_role(role)),
                  those([&](const identity& who) { return who.has_role(role); }));
        ASSERT_EQ(sorted(here.of_token(token)),
                  those([&](const identity& who) { return who.token_id == token; }));
      }
    }
  }
}

TEST(user_index, is_listed_page_by_page) {
  user_index here;
  for (std::uint32_t i = 0; i < 26; ++i)
    for (std::uint32_t tab = 0; tab <= i % 3; ++tab)
      here.add(number(i * 3 + tab), person(std::string(1, static_cast<char>('a' + i))));
  std::string all, after;
  for (;;) {
    const auto page = here.users(after, 4);
    if (page.empty())
      break;
    EXPECT_LE(page.size(), 4u);
    for (const auto& each : page) {
      EXPECT_EQ(each.connections, (each.who->user_id[0] - 'a') % 3 + 1u);
      all += each.who->user_id;
    }
    after = page.back().who->user_id;
  }
  EXPECT_EQ(all, "abcdefghijklmnopqrstuvwxyz");
}

TEST(user_index, nobody_is_found_by_having_no_token_id) {
  user_index here;
  here.add(number(1), person("ann"));
  EXPECT_EQ(here.of_token(""), ids{});
}

} // namespace
} // namespace troupe
