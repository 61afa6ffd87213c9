// How much a loop reads in one turn.
#include "troupe/runtime/read_pace.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// What may be read before the rest has to wait.
std::uint64_t allowed(read_pace pace) {
  std::uint64_t count = 0;
  for (; !pace.spent(); ++count)
    pace.charge(1);
  return count;
}

TEST(read_pace, a_long_turn_is_followed_by_shorter_ones) {
  read_pace pace;
  pace.charge(400);
  pace.carried_out(4ms);
  EXPECT_EQ(allowed(pace), 200u);
  pace.charge(200);
  pace.carried_out(2ms);
  EXPECT_EQ(allowed(pace), 400u) << "they were short enough";
}

TEST(read_pace, something_is_read_however_long_turns_are) {
  read_pace pace;
  pace.charge(1);
  pace.carried_out(1h);
  EXPECT_EQ(allowed(pace), read_pace::units_min);
}

TEST(read_pace, no_turn_reads_everything_however_short_they_were) {
  read_pace pace;
  EXPECT_EQ(allowed(pace), read_pace::units_max);
  for (int i = 0; i < 100; ++i)
    pace.carried_out(0ms);
  EXPECT_EQ(allowed(pace), read_pace::units_max);
}

TEST(read_pace, what_was_read_counts_until_it_is_carried_out) {
  read_pace pace;
  pace.charge(read_pace::units_max);
  EXPECT_TRUE(pace.spent());
  pace.carried_out(1ms);
  EXPECT_FALSE(pace.spent());
}

} // namespace
} // namespace troupe
