#include "troupe/audience/recent_ids.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(recent_ids, the_newest_are_known_and_the_oldest_forgotten_first) {
  constexpr std::size_t most = 5;
  recent_ids ids(most);
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(ids.find("m" + std::to_string(i)), nullptr);
    ids.remember("m" + std::to_string(i), {i * 10, i});
    for (std::uint64_t old = 0; old <= i; ++old) {
      const auto* place = ids.find("m" + std::to_string(old));
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
  recent_ids ids(0);
  ids.remember("a", {1, 0});
  EXPECT_EQ(ids.find("a"), nullptr);
}

TEST(recent_ids, a_memory_of_one_knows_the_last) {
  recent_ids ids(1);
  ids.remember("a", {1, 0});
  ids.remember("b", {2, 0});
  EXPECT_EQ(ids.find("a"), nullptr);
  ASSERT_NE(ids.find("b"), nullptr);
  EXPECT_EQ(ids.find("b")->offset, 2u);
}

} // namespace
} // namespace troupe
