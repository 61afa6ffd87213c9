#include "troupe/wire/timestamp.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace troupe {
namespace {

using namespace std::chrono_literals;

std::string written(wall_time time) {
  std::string out;
  append_timestamp(out, time);
  return out;
}

wall_time at(std::int64_t milliseconds) {
  return wall_time{std::chrono::milliseconds{milliseconds}};
}

TEST(timestamp, known_moments) {
  EXPECT_EQ(written(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(written(at(951'782'400'000)), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(written(at(1'798'761'599'999)), "2026-12-31T23:59:59.999Z");
  EXPECT_EQ(written(at(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(written(at(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
}

TEST(timestamp, it_agrees_with_the_c_library) {
  std::mt19937_64 dice(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto milliseconds = static_cast<std::int64_t>(dice() % 253'402'300'800'000);
    const std::time_t seconds = milliseconds / 1000;
    std::tm parts{};
    ASSERT_NE(gmtime_r(&seconds, &parts), nullptr);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    char expected[64];
    std::snprintf(expected, sizeof expected, "%s.%03dZ", text,
                  static_cast<int>(milliseconds % 1000));
    ASSERT_EQ(written(at(milliseconds)), expected);
  }
}

TEST(timestamp, it_appends) {
  std::string out = "at ";
  append_timestamp(out, at(1));
  EXPECT_EQ(out, "at 1970-01-01T00:00:00.001Z");
}

TEST(timestamp, now_is_the_machines_time) {
  const auto before = std::chrono::system_clock::now();
  const auto now = wall_now();
  EXPECT_GE(now, before - 1ms); // cut to milliseconds
  EXPECT_LE(now, std::chrono::system_clock::now());
}

} // namespace
} // namespace troupe
