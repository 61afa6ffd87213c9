#include "troupe/audience/recent_ids.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr recent_ids::time_point beginning{};

TEST(recent_ids, the_newest_are_known_and_the_oldest_forgotten_first) {
  constexpr std::size_t most = 5;
  recent_ids ids;
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(ids.find("m" + std::to_string(i), beginning), nullptr);
    ids.remember("m" + std::to_string(i), {i * 10, i}, most, beginning);
    for (std::uint64_t old = 0; old <= i; ++old) {
      const auto* place = ids.find("m" + std::to_string(old), beginning);
      if (old + most > i) {
        ASSERT_NE(place, nullptr) << old << " after " << i;
        EXPECT_EQ(place->offset, old * 10);
        EXPECT_EQ(place->listeners, old);
      } else {
        EXPECT_EQ(place, nullptr) << old << " after " << i;
      }
    }
  }
}

TEST(recent_ids, a_memory_of_none_remembers_none) {
  recent_ids ids;
  ids.remember("a", {1, 0}, 0, beginning);
  EXPECT_EQ(ids.find("a", beginning), nullptr);
  EXPECT_EQ(ids.bytes(), 0u);
}

TEST(recent_ids, a_memory_of_one_knows_the_last) {
  recent_ids ids;
  ids.remember("a", {1, 0}, 1, beginning);
  ids.remember("b", {2, 0}, 1, beginning);
  EXPECT_EQ(ids.find("a", beginning), nullptr);
  ASSERT_NE(ids.find("b", beginning), nullptr);
  EXPECT_EQ(ids.find("b", beginning)->offset, 2u);
}

TEST(recent_ids, each_is_known_for_its_window) {
  recent_ids ids;
  ids.remember("a", {1, 0}, 10, beginning);
  ids.remember("b", {2, 0}, 10, beginning + 1s);
  const auto end = beginning + recent_ids::window;
  EXPECT_NE(ids.find("a", end - 1ms), nullptr);
  EXPECT_EQ(ids.find("a", end), nullptr);
  EXPECT_NE(ids.find("b", end), nullptr);
  EXPECT_EQ(ids.oldest(), beginning);
  ids.forget_old(end);
  EXPECT_EQ(ids.oldest(), beginning + 1s);
  ids.remember("a", {3, 0}, 10, end);
  EXPECT_EQ(ids.find("a", end)->offset, 3u);
}

TEST(recent_ids, the_first_place_of_an_id_counts) {
  recent_ids ids;
  ids.remember("a", {1, 0}, 10, beginning);
  ids.remember("a", {2, 0}, 10, beginning);
  EXPECT_EQ(ids.find("a", beginning)->offset, 1u);
}

TEST(recent_ids, bytes_come_back) {
  recent_ids ids;
  ids.remember("a", {1, 0}, 10, beginning);
  ids.remember("bcd", {2, 0}, 10, beginning + 1s);
  EXPECT_GT(ids.bytes(), 2 * recent_ids::bytes_each);
  ids.forget_all();
  EXPECT_EQ(ids.bytes(), 0u);
  EXPECT_EQ(ids.oldest(), std::nullopt);
}

} // namespace
} // namespace troupe
