#include "troupe/runtime/budget_table.hpp"

#include <gtest/gtest.h>

#include <unordered_map>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr gcra::time_point start{1h};
using table = budget_table<std::unordered_map<std::uint64_t, gcra>>;

TEST(budget_table, each_has_a_budget_of_its_own) {
  table budgets;
  const auto allowed = rate::per_minute(60, 2);
  for (const std::uint64_t who : {1, 2}) {
    EXPECT_EQ(budgets.take(who, allowed, start), 0ns);
    EXPECT_EQ(budgets.take(who, allowed, start), 0ns);
    EXPECT_EQ(budgets.take(who, allowed, start), 1s);
    EXPECT_EQ(budgets.take(who, allowed, start + 1s), 0ns);
  }
}

TEST(budget_table, keeps_nothing_of_those_whose_budget_is_whole) {
  table budgets;
  const auto allowed = rate::per_minute(60, 2);
  for (std::uint64_t who = 0; who < 100'000; ++who)
    budgets.take(who, allowed, start + 1ms * who); // whole again a second later
  EXPECT_LT(budgets.size(), 4'000u);
}

TEST(budget_table, without_a_rate_nothing_is_kept) {
  table budgets;
  for (std::uint64_t who = 0; who < 1000; ++who)
    EXPECT_EQ(budgets.take(who, {}, start), 0ns);
  EXPECT_EQ(budgets.size(), 0u);
}

} // namespace
} // namespace troupe
