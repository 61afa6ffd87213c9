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

TEST(deny_list, a_shorter_time_does_not_replace_a_longer_one) {
  deny_list list;
  ASSERT_TRUE(list.deny_user("ann", start + 60s, start, 10));
  ASSERT_TRUE(list.deny_user("ann", start + 1s, start, 10));
  EXPECT_TRUE(list.denies(bearer("ann"), start + 30s));
  ASSERT_TRUE(list.deny_user("ann", start + 90s, start, 10));
  EXPECT_TRUE(list.denies(bearer("ann"), start + 80s));
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
      const bool second = board.denies(bearer("second"), start);
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
