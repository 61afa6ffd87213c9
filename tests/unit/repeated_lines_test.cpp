// What outsiders can have logged as often as they like: the first few, then sums.
#include "server/log/repeated_lines.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using time_point = repeated_lines::time_point;

constexpr time_point start{1h};
const line_kind refused{"refused authentication", log_level::info, true};
const line_kind other{"refused api call", log_level::info, true};

std::uint32_t told(repeated_lines& lines, const line_kind& kind, time_point now, int count) {
  std::uint32_t out = 0;
  for (int i = 0; i < count; ++i)
    out += lines.tell(kind, now) ? 1 : 0;
  return out;
}

TEST(repeated_lines, the_first_are_told_and_the_others_summed_up) {
  repeated_lines lines;
  EXPECT_EQ(told(lines, refused, start, 1'000), repeated_lines::told_max);
  EXPECT_TRUE(lines.take_due(start + 9s).empty());
  EXPECT_EQ(lines.next_due(), start + 10s);
  const auto sums = lines.take_due(start + 10s);
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].kind, refused);
  EXPECT_EQ(sums[0].more, 1'000 - repeated_lines::told_max);
  EXPECT_TRUE(lines.take_due(start + 20s).empty()) << "a sum is told once";
  EXPECT_EQ(lines.next_due(), time_point::max());
}

TEST(repeated_lines, each_kind_has_lines_of_its_own) {
  repeated_lines lines;
  told(lines, refused, start, 1'000);
  EXPECT_TRUE(lines.tell(other, start));
  EXPECT_EQ(lines.take_due(time_point::max()).size(), 1u) << "one line of the other kind is no sum";
}

TEST(repeated_lines, few_are_all_told_however_long_it_goes_on) {
  repeated_lines lines;
  auto now = start;
  for (int i = 0; i < 100; ++i, now += 2s)
    EXPECT_TRUE(lines.tell(refused, now)) << i;
  EXPECT_TRUE(lines.take_due(time_point::max()).empty());
}

TEST(repeated_lines, none_is_forgotten_when_sums_are_taken_late) {
  repeated_lines lines;
  told(lines, refused, start, 15);
  EXPECT_EQ(told(lines, refused, start + 1min, 7), 0u) << "the first window waits to be told";
  const auto sums = lines.take_due(start + 1min);
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].more, 12u);
  EXPECT_EQ(told(lines, refused, start + 1min, 1), 1u);
}

TEST(repeated_lines, a_flood_of_kinds_counts_as_one) {
  repeated_lines lines;
  std::uint32_t all = 0;
  for (int i = 0; i < 10'000; ++i)
    all += told(lines, {std::to_string(i)}, start, 1);
  EXPECT_EQ(all, repeated_lines::kinds_max + repeated_lines::told_max);
  EXPECT_EQ(lines.take_due(time_point::max()).size(), 1u);
}

} // namespace
} // namespace troupe
