#include "troupe/wire/public_id.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace troupe {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";

TEST(public_id, is_thirteen_letters_and_digits) {
  std::mt19937_64 dice(1);
  for (int i = 0; i < 1000; ++i) {
    const auto text = public_id({dice()}, dice());
    ASSERT_EQ(text.size(), 13u);
    ASSERT_EQ(text.find_first_not_of(alphabet), std::string::npos) << text;
  }
}

TEST(public_id, no_two_connections_have_the_same) {
  std::mt19937_64 dice(2);
  for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{1}, dice()}) {
    std::map<std::string, std::uint64_t> seen;
    const auto see = [&](connection_id id) {
      const auto [place, added] = seen.emplace(public_id(id, key), id.value);
      ASSERT_TRUE(added || place->second == id.value) << id.value << " and " << place->second;
    };
    for (int i = 0; i < 20'000; ++i)
      see({dice()});
    for (std::uint32_t slot = 0; slot < 5'000; ++slot) // neighbours, as a server has them
      for (std::uint32_t loop = 0; loop < 4; ++loop)
        see(connection_id::make(loop, slot, 1));
  }
}

TEST(public_id, leads_back_to_its_connection_under_its_key) {
  std::mt19937_64 dice(4);
  for (int i = 0; i < 1000; ++i) {
    const connection_id id{dice()};
    const auto key = dice();
    const auto text = public_id(id, key);
    ASSERT_EQ(connection_of(text, key), id);
    ASSERT_NE(connection_of(text, key + 1), id);
  }
  for (const char* none : {"", "abcdefghijkl", "abcdefghijklmn", "ABCDEFGHIJKLM", "abcdefghijkl1",
                           "zzzzzzzzzzzzz", "7777777777777"})
    EXPECT_EQ(connection_of(none, 5), no_connection) << none;
}

TEST(public_id, is_the_same_each_time_and_another_under_each_key) {
  const auto id = connection_id::make(1, 2, 3);
  EXPECT_EQ(public_id(id, 7), public_id(id, 7));
  std::set<std::string> by_key;
  for (std::uint64_t key = 0; key < 1000; ++key)
    by_key.insert(public_id(id, key));
  EXPECT_EQ(by_key.size(), 1000u);
}

// Every bit of the id turns about half of what is shown: neighbours have nothing in common.
TEST(public_id, neighbours_have_nothing_in_common) {
  constexpr int tries = 4'000;
  for (const unsigned bit : {0u, 25u, 26u, 47u, 48u, 55u, 56u, 63u}) {
    int alike = 0;
    std::mt19937_64 dice(3);
    for (int i = 0; i < tries; ++i) {
      const auto value = dice();
      const auto one = public_id({value}, 5), other = public_id({value ^ 1ull << bit}, 5);
      for (std::size_t at = 1; at < one.size(); ++at) // the first character has four bits
        alike += one[at] == other[at];
    }
    // Of 32 characters each place has one by chance: 1,500 of 48,000, give or take five sigma.
    EXPECT_GT(alike, 1'300) << bit;
    EXPECT_LT(alike, 1'700) << bit;
  }
}

} // namespace
} // namespace troupe
