#include "troupe/runtime/gcra.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using time_point = gcra::time_point;

constexpr time_point start{1h};

// How many of `count` at the same moment get through.
template <class Limited>
int taken_at(Limited& who, const rate& allowed, time_point now, int count) {
  int taken = 0;
  for (int i = 0; i < count; ++i)
    taken += who.take(allowed, now) == 0ns;
  return taken;
}

TEST(gcra, a_new_one_has_its_whole_burst_and_no_more) {
  gcra who;
  EXPECT_EQ(taken_at(who, rate::per_minute(60, 10), start, 25), 10);
}

TEST(gcra, without_a_burst_one_gets_through_at_a_time) {
  gcra who;
  EXPECT_EQ(taken_at(who, rate::per_minute(60, 1), start, 5), 1);
  EXPECT_EQ(who.take(rate::per_minute(60, 1), start + 999ms), 1ms);
  EXPECT_EQ(who.take(rate::per_minute(60, 1), start + 1s), 0ns);
}

TEST(gcra, where_nobody_says_how_many_may_come_at_once_it_is_a_minutes_worth_up_to_a_thousand) {
  for (const auto& [a_minute, at_once] :
       {std::pair{1u, 1}, {60u, 60}, {1'000u, 1'000}, {6'000u, 1'000}}) {
    gcra who;
    EXPECT_EQ(taken_at(who, rate::per_minute(a_minute, 0), start, 2'000), at_once) << a_minute;
  }
}

TEST(gcra, a_rate_of_zero_is_no_limit_and_costs_no_state) {
  gcra who;
  EXPECT_TRUE(rate::per_minute(0, 10).unlimited());
  EXPECT_EQ(taken_at(who, rate::per_minute(0, 10), start, 1000), 1000);
  EXPECT_EQ(taken_at(who, rate{}, start, 1000), 1000);
  EXPECT_TRUE(who.full(time_point{}));
}

TEST(gcra, it_says_exactly_how_long_to_wait) {
  const auto allowed = rate::per_minute(120, 4); // one in 500 ms
  gcra who;
  EXPECT_EQ(taken_at(who, allowed, start, 4), 4);
  EXPECT_EQ(who.take(allowed, start), 500ms);
  EXPECT_EQ(who.take(allowed, start + 100ms), 400ms) << "a refusal costs nothing";
  EXPECT_EQ(who.take(allowed, start + 500ms - 1ns), 1ns);
  EXPECT_EQ(who.take(allowed, start + 500ms), 0ns);
  EXPECT_EQ(who.take(allowed, start + 500ms), 500ms);
}

TEST(gcra, in_the_long_run_the_rate_holds_however_much_is_asked) {
  const auto allowed = rate::per_second(10, 20);
  gcra who;
  int taken = 0;
  for (auto now = start; now < start + 60s; now += 7ms)
    taken += taken_at(who, allowed, now, 3);
  EXPECT_GE(taken, 20 + 10 * 60 - 1);
  EXPECT_LE(taken, 20 + 10 * 60 + 1);
}

TEST(gcra, a_steady_client_at_the_rate_is_never_refused) {
  const auto allowed = rate::per_second(10, 1);
  gcra who;
  for (auto now = start; now < start + 60s; now += 100ms)
    ASSERT_EQ(who.take(allowed, now), 0ns);
}

TEST(gcra, the_burst_comes_back_bit_by_bit_and_is_never_more_than_whole) {
  const auto allowed = rate::per_second(1, 5);
  gcra who;
  EXPECT_EQ(taken_at(who, allowed, start, 9), 5);
  EXPECT_FALSE(who.full(start));
  EXPECT_EQ(taken_at(who, allowed, start + 2s, 9), 2);
  EXPECT_FALSE(who.full(start + 6s));
  EXPECT_TRUE(who.full(start + 7s));
  EXPECT_EQ(taken_at(who, allowed, start + 100h, 9), 5);
}

TEST(gcra, the_largest_numbers_of_the_configuration_do_not_overflow) {
  gcra who;
  const auto slow = rate::per_minute(1, 10'000'000);
  EXPECT_GT(slow.tolerance, 0ns);
  EXPECT_EQ(taken_at(who, slow, start, 1000), 1000);
  gcra other;
  const auto fast = rate::per_minute(4'000'000'000, 1);
  EXPECT_FALSE(fast.unlimited());
  EXPECT_EQ(taken_at(other, fast, start, 2), 1);
}

TEST(gcra, it_is_as_small_as_it_says) {
  EXPECT_EQ(sizeof(gcra), 8u);
  EXPECT_EQ(sizeof(shared_gcra), 8u);
}

TEST(gcra, a_shared_one_is_the_same_on_one_thread) {
  const auto allowed = rate::per_minute(120, 4);
  shared_gcra who;
  EXPECT_TRUE(who.full(start));
  EXPECT_EQ(taken_at(who, allowed, start, 9), 4);
  EXPECT_FALSE(who.full(start));
  EXPECT_EQ(who.take(allowed, start), 500ms);
  EXPECT_EQ(who.take(allowed, start + 500ms), 0ns);
  EXPECT_EQ(taken_at(who, rate{}, start, 9), 9);
}

TEST(gcra, threads_that_share_one_get_one_burst_together) {
  const auto allowed = rate::per_minute(60, 1000);
  shared_gcra who;
  std::vector<int> taken(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : taken)
      threads.emplace_back([&] { mine = taken_at(who, allowed, start, 1000); });
  }
  EXPECT_EQ(taken[0] + taken[1] + taken[2] + taken[3], 1000);
}

} // namespace
} // namespace troupe
