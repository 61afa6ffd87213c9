#include "troupe/wire/keyed_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {
namespace {

template <class Map>
std::size_t longest_bucket(const Map& map) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < map.bucket_count(); ++i)
    longest = std::max(longest, map.bucket_size(i));
  return longest;
}

// What an attacker does: names that a plain table would keep in one list.
std::vector<std::string> names_of_one_bucket(std::size_t count, std::size_t buckets) {
  std::vector<std::string> names;
  for (std::uint64_t i = 0; names.size() < count; ++i)
    if (auto name = "t" + std::to_string(i); std::hash<std::string>{}(name) % buckets == 0)
      names.push_back(std::move(name));
  return names;
}

TEST(keyed_map, names_that_a_plain_table_keeps_in_one_bucket_are_spread) {
  constexpr std::size_t count = 500;
  std::unordered_map<std::string, int> plain;
  plain.reserve(count);
  keyed_map<std::string, int> keyed;
  keyed.reserve(count);
  for (auto& name : names_of_one_bucket(count, plain.bucket_count())) {
    plain.emplace(name, 0);
    keyed.emplace(std::move(name), 0);
  }
  ASSERT_EQ(longest_bucket(plain), count) << "the attack is one";
  EXPECT_LT(longest_bucket(keyed), 12u);
}

TEST(keyed_map, finds_by_a_view) {
  keyed_map<std::string, int> keyed;
  keyed.emplace("name", 1);
  const std::string_view in_a_buffer = std::string_view("some name").substr(5);
  ASSERT_NE(keyed.find(in_a_buffer), keyed.end());
  EXPECT_EQ(keyed.find("nam"), keyed.end());
}

} // namespace
} // namespace troupe
