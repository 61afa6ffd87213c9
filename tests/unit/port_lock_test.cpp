#include "server/net/port_lock.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// Above those that the kernel gives to servers that ask for any.
constexpr std::uint16_t some_port = 65'533, another_port = 65'534;

TEST(port_lock, one_at_a_time_has_it) {
  std::optional held = port_lock::take({some_port});
  ASSERT_TRUE(*held);
  const auto late = port_lock::take({another_port, some_port}, 10ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), "another server is about to listen on port 65533");
  EXPECT_TRUE(port_lock::take({another_port}, 10ms)) << "and what it had got was given back";
  held.reset();
  EXPECT_TRUE(port_lock::take({some_port}, 10ms));
}

TEST(port_lock, who_comes_second_waits) {
  std::optional held = port_lock::take({some_port, another_port});
  std::thread second([] { EXPECT_TRUE(port_lock::take({another_port, some_port})); });
  held.reset();
  second.join();
}

TEST(port_lock, any_free_port_needs_none) {
  const auto first = port_lock::take({0, 0}, 10ms);
  EXPECT_TRUE(first);
  EXPECT_TRUE(port_lock::take({0}, 10ms));
}

} // namespace
} // namespace troupe
