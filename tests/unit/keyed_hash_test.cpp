#include "troupe/wire/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {
namespace {

// The reference's own vectors: key 00 01 … 0f, messages of 0, 1, 2, … bytes 00 01 02 …
TEST(keyed_hash, is_siphash_2_4) {
  const keyed_hash hash(0x0706050403020100u, 0x0f0e0d0c0b0a0908u);
  const std::vector<std::pair<std::size_t, std::uint64_t>> expected{
    {0, 0x726fdb47dd0e0e31u},  {1, 0x74f839c593dc67fdu},  {2, 0x0d6c8009d9a94f5au},
    {7, 0xab0200f58b01d137u},  {8, 0x93f5f5799a932462u},  {9, 0x9e0082df0ba9e4b0u},
    {15, 0xa129ca6149be45e5u}, {16, 0x3f2acc7f57c29bdbu}, {63, 0x958a324ceb064572u}};
  std::string message;
  for (const auto& [bytes, value] : expected) {
    while (message.size() < bytes)
      message.push_back(static_cast<char>(message.size()));
    EXPECT_EQ(hash(message), value) << bytes;
  }
}

TEST(keyed_hash, another_key_gives_another_order) {
  const keyed_hash one(1, 2), other(1, 3);
  int alike = 0;
  for (int i = 0; i < 1000; ++i)
    alike += one("room " + std::to_string(i)) % 2 == other("room " + std::to_string(i)) % 2;
  EXPECT_GT(alike, 400);
  EXPECT_LT(alike, 600);
}

} // namespace
} // namespace troupe
