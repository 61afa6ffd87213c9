#include "troupe/runtime/share_table.hpp"
#include "troupe/runtime/turn_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace troupe {
namespace {

constexpr holder_id ann{1}, bob{2}, eve{3};

TEST(share, matters_only_while_more_than_half_is_taken) {
  EXPECT_FALSE(share_used_up(50, 25, 50, 100)) << "half is free";
  EXPECT_TRUE(share_used_up(50, 25, 51, 100));
  EXPECT_TRUE(share_used_up(25, 25, 51, 100));
  EXPECT_FALSE(share_used_up(24, 25, 99, 100));
  EXPECT_FALSE(share_used_up(99, 100, 99, 100)) << "one may have all";
}

TEST(share, is_one_at_least) {
  EXPECT_EQ(share_of(3, 25), 1u);
  EXPECT_FALSE(share_used_up(0, 25, 2, 3));
  EXPECT_TRUE(share_used_up(1, 25, 2, 3));
  EXPECT_EQ(share_of(10'000'000, 100), 10'000'000u);
}

TEST(share_table, who_holds_most_yields_first_what_has_lain_idle_for_longest) {
  share_table<std::string> all;
  for (int i = 0; i < 3; ++i)
    all.take(ann);
  for (int i = 0; i < 2; ++i)
    all.take(bob);
  all.take(eve);
  all.offer(eve, "eve 1");
  all.offer(bob, "bob 1");
  const auto first = all.offer(ann, "ann 1");
  const auto second = all.offer(ann, "ann 2");
  ASSERT_NE(all.first_of_most(), nullptr);
  EXPECT_EQ(*all.first_of_most(), "ann 1");
  all.touch(ann, first);
  EXPECT_EQ(*all.first_of_most(), "ann 2");
  all.withdraw(ann, second);
  EXPECT_EQ(*all.first_of_most(), "ann 1");
  all.withdraw(ann, first);
  EXPECT_EQ(*all.first_of_most(), "bob 1") << "ann has nothing idle";
  EXPECT_EQ(all.first_idle(ann), nullptr);
  EXPECT_EQ(*all.first_idle(eve), "eve 1");
  EXPECT_EQ(all.held(ann), 3u);
}

TEST(share_table, what_may_not_go_is_passed_over_within_bounds) {
  share_table<int> all;
  for (int i = 0; i < 10; ++i) {
    all.take(ann);
    all.offer(ann, i);
  }
  all.take(bob);
  all.offer(bob, 100);
  const auto above = [](int least) { return [least](int item) { return item >= least; }; };
  EXPECT_EQ(*all.first_of_most(above(3), 32), 3);
  EXPECT_EQ(*all.first_of_most(above(50), 32), 100) << "the next holder";
  EXPECT_EQ(all.first_of_most(above(50), 10), nullptr) << "too many looks";
}

TEST(share_table, forgets_who_holds_nothing) {
  share_table<int> all;
  all.take(ann);
  all.take(ann);
  all.give_back(ann);
  EXPECT_EQ(all.holders(), 1u);
  all.give_back(ann);
  EXPECT_EQ(all.holders(), 0u);
  EXPECT_EQ(all.held(ann), 0u);
  EXPECT_EQ(all.first_of_most(), nullptr);
}

// Against a table that looks at everything each time.
TEST(share_table, agrees_with_a_plain_one) {
  std::mt19937_64 random(7);
  share_table<int> all;
  struct mine {
    std::vector<share_table<int>::place> idle;
    std::uint32_t held = 0;
  };
  std::map<holder_id, mine> plain;
  for (int step = 0; step < 20'000; ++step) {
    const holder_id who{1 + random() % 8};
    auto& of = plain[who];
    switch (random() % 4) {
    case 0:
      all.take(who);
      ++of.held;
      break;
    case 1:
      if (of.held > of.idle.size()) {
        all.give_back(who);
        --of.held;
      }
      break;
    case 2:
      if (of.held > of.idle.size())
        of.idle.push_back(all.offer(who, static_cast<int>(static_cast<std::uint64_t>(who))));
      break;
    default:
      if (!of.idle.empty()) {
        all.withdraw(who, of.idle.back());
        of.idle.pop_back();
      }
    }
    std::uint32_t most = 0;
    for (const auto& [each, has] : plain) {
      ASSERT_EQ(all.held(each), has.held);
      if (!has.idle.empty())
        most = std::max(most, has.held);
    }
    const int* const yields = all.first_of_most();
    ASSERT_EQ(yields != nullptr, most > 0);
    if (yields) {
      ASSERT_EQ(all.held(holder_id{static_cast<std::uint64_t>(*yields)}), most);
    }
  }
}

TEST(turn_queue, holders_take_turns_however_much_each_has_put_in) {
  turn_queue<std::string> queue;
  for (int i = 0; i < 100; ++i)
    queue.push(eve, "eve");
  queue.push(ann, "ann");
  queue.push(bob, "bob");
  queue.push(ann, "ann");
  std::vector<std::string> order;
  for (int i = 0; i < 6; ++i)
    order.push_back(queue.pop());
  EXPECT_EQ(order, (std::vector<std::string>{"eve", "ann", "bob", "eve", "ann", "eve"}));
  for (int i = 0; i < 97; ++i)
    queue.pop();
  EXPECT_TRUE(queue.empty());
}

} // namespace
} // namespace troupe
