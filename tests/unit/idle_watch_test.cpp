// When something has been left alone for long enough, with one timer under way.
#include "troupe/runtime/idle_watch.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {
constexpr auto at = [](auto time) { return idle_watch::time_point(time); };
constexpr auto none = idle_watch::duration::zero();
} // namespace

TEST(idle_watch, needs_one_timer_however_much_happens) {
  idle_watch watch(10s);
  EXPECT_EQ(watch.touch(at(0s)), 10s);
  for (int i = 1; i < 10; ++i)
    EXPECT_EQ(watch.touch(at(std::chrono::seconds(i))), none);
  EXPECT_EQ(watch.fired(at(10s)), 9s) << "it was used at 9 s";
  EXPECT_EQ(watch.touch(at(12s)), none) << "the second timer is under way";
  EXPECT_EQ(watch.fired(at(19s)), 3s);
  EXPECT_EQ(watch.fired(at(22s)), none) << "left alone for ten seconds";
  EXPECT_EQ(watch.touch(at(22s)), 10s);
}

TEST(idle_watch, begins_anew_when_nobody_asked) {
  idle_watch watch(10s);
  watch.touch(at(0s));
  watch.stop();
  EXPECT_EQ(watch.touch(at(30s)), 10s);
}
