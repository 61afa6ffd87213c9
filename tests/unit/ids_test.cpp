#include "troupe/wire/ids.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe {
namespace {

TEST(connection_id, its_parts_come_back) {
  std::mt19937_64 dice(1);
  for (int i = 0; i < 1000; ++i) {
    const auto node = static_cast<std::uint32_t>(dice() % connection_id::nodes_max);
    const auto loop = static_cast<std::uint32_t>(dice() % connection_id::loops_max);
    const auto slot = static_cast<std::uint32_t>(dice() % connection_id::slots_max);
    const auto generation = static_cast<std::uint32_t>(dice()) & connection_id::generation_mask;
    const auto id = connection_id::make(loop, slot, generation, node);
    ASSERT_EQ(id.node(), node);
    ASSERT_EQ(id.loop(), loop);
    ASSERT_EQ(id.slot(), slot);
    ASSERT_EQ(id.generation(), generation);
  }
}

TEST(connection_id, its_parts_reach_their_bounds_and_no_further) {
  const auto last =
    connection_id::make(connection_id::loops_max - 1, connection_id::slots_max - 1,
                        connection_id::generation_mask, connection_id::nodes_max - 1);
  EXPECT_EQ(last.value, ~std::uint64_t{0});
  EXPECT_EQ(connection_id::loops_max, 256u);
  EXPECT_EQ(connection_id::slots_max, 4'194'304u);
}

TEST(connection_id, is_of_this_node_unless_it_says_otherwise) {
  EXPECT_EQ(connection_id::make(3, 4, 5).node(), 0u);
  EXPECT_NE(connection_id::make(3, 4, 5), connection_id::make(3, 4, 5, 1));
}

} // namespace
} // namespace troupe
