#include "troupe/deny_list.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr wall_time start{1000s};

identity bearer(std::string user_id, std::string token_id = {}) {
  return {std::move(user_id), {}, {}, {}, std::move(token_id), {}};
}

TEST(deny_list, denies_a_user_until_its_time) {
  deny_list list;
  EXPECT_FALSE(list.denies(bearer("ann"), start));
  ASSERT_TRUE(list.deny_user("ann", start + 10s, start, 10));
  EXPECT_TRUE(list.denies(bearer("ann", "any"), start));
  EXPECT_TRUE(list.denies(bearer("ann"), start + 10s - 1ms));
  EXPECT_FALSE(list.denies(bearer("ann"), start + 10s));
  EXPECT_FALSE(list.denies(bearer("ben"), start));
}

TEST(deny_list, denies_a_token_and_not_its_user) {
  deny_list list;
  ASSERT_TRUE(list.deny_token("t1", start + 10s, start, 10));
  EXPECT_TRUE(list.denies(bearer("ann", "t1"), start));
  EXPECT_FALSE(list.denies(bearer("ann", "t2"), start));
  EXPECT_FALSE(list.denies(bearer("ann"), start));
  EXPECT_FALSE(list.denies(bearer("t1"), start)) << "a user of that name is another thing";
}

client_address at(std::string_view text) {
  return client_address::parse(text).value();
}

address_block block(std::string_view text) {
  return address_block::parse(text).value();
}

TEST(deny_list, bans_addresses_and_networks_of_both_kinds) {
  deny_list list;
  EXPECT_FALSE(list.bans(at("192.0.2.1"), start));
  for (const char* each : {"192.0.2.0/24", "198.51.100.7", "2001:db8::/32"})
    ASSERT_TRUE(list.ban(block(each), start + 10s, start, 10));
  for (const char* each : {"192.0.2.0", "192.0.2.255", "198.51.100.7", "2001:db8:1::1"})
    EXPECT_TRUE(list.bans(at(each), start)) << each;
  for (const char* each : {"192.0.3.0", "198.51.100.6", "2001:db9::", "::1"})
    EXPECT_FALSE(list.bans(at(each), start)) << each;
  EXPECT_FALSE(list.bans(client_address{}, start)) << "nobody knows";
  EXPECT_FALSE(list.bans(at("192.0.2.1"), start + 10s));
  EXPECT_FALSE(list.lift(block("192.0.2.0/25"), start)) << "just that block";
  EXPECT_TRUE(list.lift(block("192.0.2.0/24"), start));
  EXPECT_FALSE(list.bans(at("192.0.2.1"), start));
  EXPECT_EQ(list.size(), 2u);
}

TEST(deny_list, shows_bans_in_pages_while_they_hold) {
  deny_list list;
  for (int i = 0; i < 5; ++i)
    list.ban(block("192.0.2." + std::to_string(i)), start + (i == 2 ? 1s : 10s), start, 10);
  std::vector<std::string> seen;
  std::optional<address_block> after;
  for (auto page = list.all_bans(after, 2, start + 1s); !page.empty();
       page = list.all_bans(after, 2, start + 1s)) {
    for (const auto& each : page)
      seen.push_back(each.whom.first.to_string());
    after = page.back().whom;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"192.0.2.0", "192.0.2.1", "192.0.2.3", "192.0.2.4"}));
}

TEST(deny_list, bans_count_with_the_others_against_the_bound) {
  deny_list list;
  ASSERT_TRUE(list.deny_user("ann", start + 10s, start, 2));
  ASSERT_TRUE(list.ban(block("192.0.2.1"), start + 10s, start, 2));
  EXPECT_FALSE(list.ban(block("192.0.2.2"), start + 10s, start, 2));
  EXPECT_TRUE(list.ban(block("192.0.2.1"), start + 20s, start, 2));
  EXPECT_TRUE(list.ban(block("192.0.2.2"), start + 30s, start + 10s, 2)) << "one has expired";
}

TEST(deny_list, the_last_word_counts_and_none_at_all_lifts) {
  deny_list list;
  ASSERT_TRUE(list.deny_user("ann", start + 60s, start, 2));
  ASSERT_TRUE(list.deny_user("ann", start + 90s, start, 2));
  EXPECT_TRUE(list.denies(bearer("ann"), start + 80s));
  ASSERT_TRUE(list.deny_user("ann", start + 10s, start, 2));
  EXPECT_FALSE(list.denies(bearer("ann"), start + 10s));
  ASSERT_TRUE(list.deny_token("t1", start + 60s, start, 2));
  ASSERT_TRUE(list.deny_user("ann", start, start, 2));
  ASSERT_TRUE(list.deny_token("t1", start, start, 2));
  EXPECT_FALSE(list.denies(bearer("ann", "t1"), start));
  ASSERT_TRUE(list.deny_user("nobody", start, start, 0)) << "nothing to lift, and no place taken";
  EXPECT_EQ(list.size(), 0u);
}

TEST(deny_list, says_what_is_denied) {
  deny_list list;
  ASSERT_TRUE(list.deny_token("t1", start + 60s, start, 10));
  EXPECT_EQ(list.denies(bearer("ann", "t1"), start), denial::token);
  ASSERT_TRUE(list.deny_user("ann", start + 60s, start, 10));
  EXPECT_EQ(list.denies(bearer("ann", "t1"), start), denial::user) << "whatever the token";
  EXPECT_EQ(list.denies(bearer("ben", "t2"), start), std::nullopt);
  EXPECT_EQ(reason_of(denial::user), "Kicked");
  EXPECT_EQ(reason_of(denial::token), "Revoked");
}

TEST(deny_list, is_full_rather_than_forgetful) {
  deny_list list;
  ASSERT_TRUE(list.deny_user("ann", start + 60s, start, 2));
  ASSERT_TRUE(list.deny_token("t1", start + 5s, start, 2));
  EXPECT_FALSE(list.deny_user("ben", start + 60s, start, 2));
  EXPECT_FALSE(list.denies(bearer("ben"), start));
  EXPECT_TRUE(list.deny_user("ann", start + 70s, start, 2)) << "it has its place";
  EXPECT_TRUE(list.denies(bearer("x", "t1"), start));
  // What has expired makes room.
  EXPECT_TRUE(list.deny_user("ben", start + 60s, start + 5s, 2));
  EXPECT_EQ(list.size(), 2u);
}

TEST(deny_list, the_board_shows_whole_lists_to_other_threads) {
  deny_board board;
  EXPECT_FALSE(board.denies(bearer("ann"), start));
  std::atomic<bool> done{false};
  std::thread reader([&] {
    // Both are denied together, so nobody may ever see the second without the first.
    while (!done) {
      const bool second = board.denies(bearer("second"), start).has_value();
      EXPECT_TRUE(!second || board.denies(bearer("first"), start));
    }
  });
  for (int i = 0; i < 2000; ++i) {
    deny_list list;
    list.deny_user("first", start + 1s, start, 10);
    list.deny_user("second", start + 1s, start, 10);
    board.show(std::make_shared<const deny_list>(std::move(list)));
  }
  done = true;
  reader.join();
  EXPECT_TRUE(board.denies(bearer("first"), start));
}

} // namespace
} // namespace troupe
