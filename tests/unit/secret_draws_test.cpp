#include "troupe/audience/secret_draws.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace troupe {
namespace {

TEST(secret_draws, are_those_of_their_key) {
  secret_draws one(1), alike(1), other(2);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = one();
    EXPECT_EQ(alike(), drawn);
    seen.insert(drawn);
    seen.insert(other());
  }
  EXPECT_EQ(seen.size(), 2000u);
}

TEST(secret_draws, are_uniform) {
  secret_draws draws(7);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i)
    ++counts.at(draws.below(6));
  for (const auto count : counts)
    EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(draws.below(1), 0u);
}

// Seeing the draws of a Mersenne twister is knowing its state: 312 of them, and all others follow.
TEST(secret_draws, are_small_for_there_may_be_a_room_for_each_connection) {
  EXPECT_LE(sizeof(secret_draws), 24u);
}

} // namespace
} // namespace troupe
