#include "troupe/runtime/credit.hpp"

#include <caf/make_counted.hpp>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace troupe {
namespace {

TEST(credit, every_copy_counts_and_a_move_does_not) {
  const auto counter = caf::make_counted<credits_out>();
  EXPECT_EQ(counter->count(), 0u);
  {
    credit first{counter};
    EXPECT_EQ(counter->count(), 1u);
    credit copy = first;
    EXPECT_EQ(counter->count(), 2u);
    credit moved = std::move(first);
    EXPECT_EQ(counter->count(), 2u);
    moved = copy;
    EXPECT_EQ(counter->count(), 2u);
    moved = credit{};
    EXPECT_EQ(counter->count(), 1u);
    std::vector<credit> many(10, copy);
    EXPECT_EQ(counter->count(), 11u);
  }
  EXPECT_EQ(counter->count(), 0u);
}

TEST(credit, assigning_itself_changes_nothing) {
  const auto counter = caf::make_counted<credits_out>();
  credit one{counter};
  const auto& same = one;
  one = same;
  EXPECT_EQ(counter->count(), 1u);
}

TEST(credit, credits_of_many_threads_all_come_back) {
  const auto counter = caf::make_counted<credits_out>();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([of = credit{counter}] {
      for (int i = 0; i < 20'000; ++i) {
        credit copy = of;
        credit other = std::move(copy);
      }
    });
  for (auto& thread : threads)
    thread.join();
  threads.clear();
  EXPECT_EQ(counter->count(), 0u);
}

} // namespace
} // namespace troupe
