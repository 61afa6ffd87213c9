// How fast connections are closed at the end, and when they are asked to come back.
#include "troupe/delivery/drain_pace.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;

const timer_wheel::time_point begin{1h};

TEST(drain_pace, the_first_goes_at_once_and_all_when_the_time_is_over) {
  const drain_pace pace{begin, 10'000, 10s, 0};
  EXPECT_EQ(pace.due(begin), 1u);
  EXPECT_LE(pace.due(begin + 9999ms), 10'000u);
  EXPECT_GT(pace.due(begin + 10s), 10'000u);
  EXPECT_EQ(pace.due(begin - 1ms), 0u);
}

TEST(drain_pace, without_a_rate_they_are_spread_evenly) {
  const drain_pace pace{begin, 10'000, 10s, 0};
  for (int tenth = 1; tenth < 10; ++tenth)
    EXPECT_NEAR(static_cast<double>(pace.due(begin + tenth * 1s)), tenth * 1000, 2);
}

TEST(drain_pace, a_few_are_not_spread_over_the_whole_time) {
  const drain_pace pace{begin, 50, 10s, 0};
  EXPECT_LT(pace.due(begin + 100ms), 15u);
  EXPECT_GE(pace.due(begin + 500ms), 50u);
}

TEST(drain_pace, a_rate_is_kept) {
  const drain_pace pace{begin, 10'000, 60s, 25};
  EXPECT_EQ(pace.due(begin), 1u);
  EXPECT_EQ(pace.due(begin + 39ms), 1u);
  EXPECT_EQ(pace.due(begin + 41ms), 2u);
  EXPECT_NEAR(static_cast<double>(pace.due(begin + 30s)), 750, 2);
  EXPECT_GT(pace.due(begin + 60s), 10'000u) << "too slow for the time there is";
}

TEST(drain_pace, without_time_all_go_at_once) {
  EXPECT_GT((drain_pace{begin, 10'000, 0ms, 0}).due(begin), 10'000u);
  EXPECT_GT((drain_pace{begin, 10'000, 0ms, 25}).due(begin), 10'000u);
}

TEST(drain_pace, nobody_comes_back_at_the_same_moment) {
  const drain_pace pace{begin, 1000, 10s, 0};
  std::set<std::chrono::milliseconds> moments;
  for (std::size_t i = 0; i < 1000; ++i) {
    moments.insert(pace.after(i));
    EXPECT_GE(pace.after(i), 0ms);
    EXPECT_LT(pace.after(i), 10s);
  }
  EXPECT_EQ(moments.size(), 1000u);
  EXPECT_EQ((drain_pace{begin, 0, 10s, 0}).after(3), 0ms) << "more than had been counted";
}

} // namespace
} // namespace troupe
