#include "troupe/wire/base32.hpp"
#include "troupe/wire/sender_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace troupe {
namespace {

TEST(base32, numbers_are_read_as_they_were_written_and_nothing_else_is) {
  std::mt19937_64 dice(1);
  for (int i = 0; i < 1000; ++i) {
    const auto number = dice() >> dice() % 64;
    EXPECT_EQ(read_base32(base32(number)), number);
  }
  EXPECT_EQ(base32(0), "aaaaaaaaaaaaa");
  EXPECT_EQ(read_base32("p777777777777"), UINT64_MAX);
  for (const auto* bad : {"", "aaaaaaaaaaaa", "aaaaaaaaaaaaaa", "aaaaaaaaaaaa1", "AAAAAAAAAAAAA",
                          "qaaaaaaaaaaaa", "7777777777777"})
    EXPECT_FALSE(read_base32(bad)) << bad;
}

TEST(sender_text, only_the_server_that_made_it_reads_it) {
  const std::uint64_t key = 7;
  std::set<std::string> seen;
  for (std::uint64_t sender = 1; sender <= 1000; ++sender) {
    const auto text = sender_text(sender, key);
    EXPECT_EQ(text.size(), 26u);
    EXPECT_TRUE(seen.insert(text.substr(0, 13)).second);
    EXPECT_EQ(read_sender_text(text, key), sender);
    EXPECT_FALSE(read_sender_text(text, key + 1));
  }
}

TEST(sender_text, no_part_of_it_can_be_changed) {
  const auto text = sender_text(12345, 7);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto other = text;
    other[i] = other[i] == 'b' ? 'c' : 'b';
    EXPECT_FALSE(read_sender_text(other, 7)) << i;
  }
  EXPECT_FALSE(read_sender_text("", 7));
  EXPECT_FALSE(read_sender_text(text + "a", 7));
  EXPECT_FALSE(read_sender_text(text.substr(13) + text.substr(0, 13), 7));
}

} // namespace
} // namespace troupe
