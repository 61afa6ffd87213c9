#include "troupe/wire/name_page.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe {
namespace {

TEST(name_page, are_what_a_sorted_set_begins_with) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 dice(seed);
    std::vector<std::string> names(dice() % 40);
    for (auto& name : names)
      name = std::to_string(dice() % 30);
    const std::string after = dice() % 2 ? std::to_string(dice() % 30) : "";
    const std::size_t limit = dice() % 12;
    name_page page(after, limit);
    for (const auto& name : names)
      page.consider(name);
    std::set<std::string_view> behind;
    for (const auto& name : names)
      if (name > after)
        behind.insert(name);
    const bool more = behind.size() > limit;
    while (behind.size() > limit)
      behind.erase(std::prev(behind.end()));
    EXPECT_EQ(page.names(), behind) << "seed " << seed;
    EXPECT_EQ(page.more(), more) << "seed " << seed;
  }
}

} // namespace
} // namespace troupe
