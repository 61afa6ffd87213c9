#include "server/edge/memory_return.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(crowd_watch, a_crowd_has_left_when_most_have) {
  crowd_watch watch;
  EXPECT_FALSE(watch.has_left(2'000, 2'000));
  EXPECT_FALSE(watch.has_left(1'000, 2'000));
  EXPECT_TRUE(watch.has_left(999, 2'000));
  EXPECT_FALSE(watch.has_left(10, 2'000)); // those who are left are no crowd
}

TEST(crowd_watch, coming_and_going_is_no_reason) {
  crowd_watch watch;
  std::uint64_t accepted = 0;
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(watch.has_left(i % 2 == 0 ? 100'000 : 60'000, accepted += 40'000));
}

TEST(crowd_watch, a_stampede_that_was_never_seen_is_noticed_by_its_tracks) {
  crowd_watch watch;
  EXPECT_FALSE(watch.has_left(10, 100));
  EXPECT_TRUE(watch.has_left(10, 6'000));
  EXPECT_FALSE(watch.has_left(10, 6'500));
}

} // namespace
} // namespace troupe
