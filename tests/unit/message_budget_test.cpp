#include "troupe/delivery/message_budget.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr gcra::time_point now{1000s};
constexpr auto taken = gcra::duration::zero();

limits bounds_of(std::uint32_t per_minute, std::uint32_t burst) {
  limits out;
  out.messages_per_minute = per_minute;
  out.messages_burst = burst;
  out.user_messages_per_minute = 0;
  return out;
}

TEST(message_budget, takes_its_burst_and_then_waits_for_its_rate) {
  const auto bounds = bounds_of(60, 3);
  message_budget budget;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(budget.take(bounds, nullptr, now), taken);
  EXPECT_EQ(budget.take(bounds, nullptr, now), 1s);
  EXPECT_EQ(budget.take(bounds, nullptr, now + 1s), taken);
}

TEST(message_budget, connections_of_one_user_share_a_second_one) {
  auto bounds = bounds_of(60, 100);
  bounds.user_messages_per_minute = 60;
  bounds.user_messages_burst = 2;
  shared_gcra users;
  message_budget one;
  message_budget other;
  EXPECT_EQ(one.take(bounds, &users, now), taken);
  EXPECT_EQ(other.take(bounds, &users, now), taken);
  EXPECT_EQ(one.take(bounds, &users, now), 1s);
  EXPECT_EQ(one.take(bounds, nullptr, now), taken) << "its own is not used up";
}

TEST(message_budget, what_it_refuses_of_its_own_costs_the_user_nothing) {
  auto bounds = bounds_of(60, 1);
  bounds.user_messages_per_minute = 60;
  bounds.user_messages_burst = 2;
  shared_gcra users;
  message_budget one;
  EXPECT_EQ(one.take(bounds, &users, now), taken);
  EXPECT_GT(one.take(bounds, &users, now), taken);
  message_budget other;
  EXPECT_EQ(other.take(bounds, &users, now), taken);
}

TEST(message_budget, is_kept_up_when_more_was_refused_than_taken) {
  auto bounds = bounds_of(60, 1);
  bounds.rate_refusals_max = 3;
  message_budget budget;
  auto time = now;
  EXPECT_EQ(budget.take(bounds, nullptr, time), taken);
  for (int i = 0; i < 10; ++i) { // one refused for each that is taken
    EXPECT_GT(budget.take(bounds, nullptr, time), taken);
    EXPECT_FALSE(budget.kept_up(bounds));
    time += 1s;
    EXPECT_EQ(budget.take(bounds, nullptr, time), taken);
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(budget.kept_up(bounds));
    EXPECT_GT(budget.take(bounds, nullptr, time), taken);
  }
  EXPECT_TRUE(budget.kept_up(bounds));
}

} // namespace
} // namespace troupe
