#include "troupe/runtime/backoff.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// How long `b` waits from `now` on, in steps of a millisecond.
std::chrono::milliseconds wait_of(const backoff& b, backoff::time_point now) {
  auto until = now;
  while (b.waits(until))
    until += 1ms;
  return std::chrono::duration_cast<std::chrono::milliseconds>(until - now);
}

TEST(backoff, what_never_failed_does_not_wait) {
  EXPECT_FALSE(backoff{}.waits(backoff::time_point{}));
  EXPECT_FALSE(backoff{}.waits(backoff::time_point{1h}));
}

TEST(backoff, the_wait_doubles_up_to_its_end) {
  backoff b;
  backoff::time_point now{1h};
  for (const auto expected :
       {250ms, 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms, 30'000ms}) {
    b.failed(now);
    EXPECT_EQ(wait_of(b, now), expected);
    now += expected;
  }
  for (int i = 0; i < 100; ++i) { // a counter that overflows would begin anew
    b.failed(now);
    ASSERT_EQ(wait_of(b, now), backoff::most);
    now += backoff::most;
  }
}

TEST(backoff, a_failure_long_after_the_one_before_is_the_first_again) {
  backoff b;
  backoff::time_point now{1h};
  for (int i = 0; i < 5; ++i)
    b.failed(now);
  EXPECT_FALSE(b.forgotten(now + backoff::forgotten_after));
  EXPECT_TRUE(b.forgotten(now + backoff::forgotten_after + 1ms));
  now += backoff::forgotten_after + 1ms;
  b.failed(now);
  EXPECT_EQ(wait_of(b, now), backoff::first);
}

} // namespace
} // namespace troupe
