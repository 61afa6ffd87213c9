#include "server/edge/heap_trim.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(heap_trim, worth_it_when_most_have_left) {
  heap_trim_rule rule;
  EXPECT_FALSE(rule.wants_trim(2'000, 2'000));
  EXPECT_FALSE(rule.wants_trim(1'000, 2'000));
  EXPECT_TRUE(rule.wants_trim(999, 2'000));
  EXPECT_FALSE(rule.wants_trim(10, 2'000)); // too few are left
}

TEST(heap_trim, coming_and_going_is_no_reason) {
  heap_trim_rule rule;
  std::uint64_t accepted = 0;
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(rule.wants_trim(i % 2 == 0 ? 100'000 : 60'000, accepted += 40'000));
}

TEST(heap_trim, many_that_came_and_went_are_noticed_by_the_count_of_accepted_sockets) {
  heap_trim_rule rule;
  EXPECT_FALSE(rule.wants_trim(10, 100));
  EXPECT_TRUE(rule.wants_trim(10, 6'000));
  EXPECT_FALSE(rule.wants_trim(10, 6'500));
}

// Says something in the sanitizer build alone, which a spawned function without arguments ends.
TEST(heap_trim, memory_is_given_back_without_ending_the_server) {
  caf::actor_system_config config;
  caf::actor_system system(config);
  give_memory_back(system);
  system.await_all_actors_done();
}

} // namespace
} // namespace troupe
