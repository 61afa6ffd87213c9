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

// By ids alone the same holders would always go first, and those newcomers never get in.
TEST(share_table, of_those_who_hold_as_much_the_one_whose_has_lain_idle_for_longest_yields) {
  share_table<int> all;
  std::mt19937_64 random(7);
  std::vector<std::pair<holder_id, share_table<int>::place>> those;
  for (int i = 0; i < 100; ++i) {
    const holder_id who{random()};
    all.take(who);
    those.emplace_back(who, all.offer(who, i));
    ASSERT_EQ(*all.first_of_most(), 0) << "not the newcomer, but who was here first";
  }
  all.touch(those[0].first, those[0].second);
  EXPECT_EQ(*all.first_of_most(), 1) << "the first has been used";
  all.withdraw(those[1].first, those[1].second);
  EXPECT_EQ(*all.first_of_most(), 2);
  all.take(those[50].first, 5);
  EXPECT_EQ(*all.first_of_most(), 50) << "it holds more";
  all.give_back(those[50].first, 5);
  EXPECT_EQ(*all.first_of_most(), 2) << "it holds as much as the others again";
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

// Against a table that looks at everything each time. An item is the number of its step.
TEST(share_table, agrees_with_a_plain_one) {
  std::mt19937_64 random(7);
  share_table<int> all;
  struct mine {
    std::vector<std::pair<int, share_table<int>::place>> idle; // for longest, first
    std::uint32_t held = 0;
  };
  std::map<holder_id, mine> plain;
  for (int step = 0; step < 20'000; ++step) {
    const holder_id who{1 + random() % 8};
    auto& of = plain[who];
    const auto count = static_cast<std::uint32_t>(1 + random() % 3);
    const auto which = of.idle.empty() ? 0 : random() % of.idle.size();
    const auto at = of.idle.begin() + static_cast<std::ptrdiff_t>(which);
    switch (random() % 5) {
    case 0:
      all.take(who, count);
      of.held += count;
      break;
    case 1:
      if (of.held >= of.idle.size() + count) {
        all.give_back(who, count);
        of.held -= count;
      }
      break;
    case 2:
      if (of.held > of.idle.size())
        of.idle.emplace_back(step, all.offer(who, step));
      break;
    case 3:
      if (!of.idle.empty()) {
        const auto used = at->second;
        used->item = step;
        all.touch(who, used);
        of.idle.erase(at);
        of.idle.emplace_back(step, used);
      }
      break;
    default:
      if (!of.idle.empty()) {
        all.withdraw(who, at->second);
        of.idle.erase(at);
      }
    }
    const mine* most = nullptr;
    for (const auto& [each, has] : plain) {
      ASSERT_EQ(all.held(each), has.held);
      if (!has.idle.empty() &&
          (!most || has.held > most->held ||
           (has.held == most->held && has.idle.front().first < most->idle.front().first)))
        most = &has;
    }
    const int* const yields = all.first_of_most();
    ASSERT_EQ(yields != nullptr, most != nullptr);
    if (yields) {
      ASSERT_EQ(*yields, most->idle.front().first);
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
