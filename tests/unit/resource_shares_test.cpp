#include "troupe/runtime/resource_shares.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace troupe {
namespace {

constexpr std::uint64_t most = 100;
const limits bounds{.connection_share = 5, .user_share = 10, .address_share = 25};

claimant connection(std::uint32_t number, std::uint64_t address, std::uint64_t user = 0) {
  return {connection_id::make(0, number, 1), {holder_id{address}, holder_id{user}}};
}

using shares = resource_shares<int>;

std::string refusal(const shares::verdict& verdict) {
  return verdict.refused ? verdict.refused->message : "";
}

TEST(resource_shares, anybody_may_take_half) {
  shares rooms("rooms");
  for (std::uint64_t taken = 0; taken <= most / 2; ++taken) {
    EXPECT_EQ(refusal(rooms.ask(connection(1, 7), taken, most, bounds)), "");
    rooms.take(connection(1, 7));
  }
  const auto more = rooms.ask(connection(1, 7), 51, most, bounds);
  EXPECT_EQ(refusal(more),
            "Your connection has its share of the rooms: 5 (limits.connection_share)");
  EXPECT_TRUE(more.by_share);
}

TEST(resource_shares, beyond_half_each_connection_user_and_address_has_its_share) {
  shares rooms("rooms");
  for (std::uint32_t i = 0; i < 10; ++i)
    rooms.take(connection(i, i, 9)); // one user, from ten addresses
  for (std::uint32_t i = 100; i < 125; ++i)
    rooms.take(connection(i, 7)); // one address, nobody in particular
  const auto told = [&](const claimant& who) { return refusal(rooms.ask(who, 60, most, bounds)); };
  EXPECT_EQ(told(connection(50, 50, 9)),
            "Your user has its share of the rooms: 10 (limits.user_share)");
  EXPECT_EQ(told(connection(50, 7)),
            "Your address has its share of the rooms: 25 (limits.address_share)");
  EXPECT_EQ(told(connection(50, 50, 8)), "");
  EXPECT_EQ(told({}), "") << "the server itself has no share";
}

TEST(resource_shares, who_has_used_up_a_share_yields_its_own) {
  shares rooms("rooms");
  std::vector<shares::charge> charged;
  for (std::uint32_t i = 0; i < 25; ++i)
    charged.push_back(rooms.take(connection(i, 7)));
  rooms.offer(charged[4], 4);
  rooms.offer(charged[2], 2);
  const auto verdict = rooms.ask(connection(50, 7), 60, most, bounds);
  ASSERT_NE(verdict.yields, nullptr);
  EXPECT_EQ(*verdict.yields, 4);
  EXPECT_TRUE(verdict.by_share);
  rooms.give_back(charged[4]);
  const auto again = rooms.ask(connection(50, 7), 59, most, bounds);
  EXPECT_FALSE(again.yields || again.refused);
}

TEST(resource_shares, when_all_is_taken_the_address_with_most_yields) {
  shares rooms("rooms");
  std::vector<shares::charge> many, few;
  for (std::uint32_t i = 0; i < 20; ++i)
    rooms.offer(many.emplace_back(rooms.take(connection(i, 7))), 700 + static_cast<int>(i));
  for (std::uint32_t i = 0; i < 10; ++i)
    rooms.offer(few.emplace_back(rooms.take(connection(100 + i, 8))), 800 + static_cast<int>(i));
  for (const auto& who : {connection(200, 9), claimant{}}) {
    const auto verdict = rooms.ask(who, most, most, bounds);
    ASSERT_NE(verdict.yields, nullptr);
    EXPECT_EQ(*verdict.yields, 700);
    EXPECT_FALSE(verdict.by_share);
  }
  for (auto& each : many)
    rooms.withdraw(each);
  EXPECT_EQ(*rooms.ask({}, most, most, bounds).yields, 800) << "those of the other are in use";
  for (auto& each : few)
    rooms.withdraw(each);
  EXPECT_EQ(refusal(rooms.ask({}, most, most, bounds)), "Too many rooms");
}

TEST(resource_shares, the_server_yields_like_everybody_what_lies_idle_of_its_own) {
  shares rooms("rooms");
  auto posted = rooms.take({});
  rooms.offer(posted, 1);
  auto another = rooms.take({});
  rooms.offer(another, 2);
  auto left = rooms.take(connection(1, 7));
  rooms.offer(left, 3);
  const auto yields = [&](const claimant& who) {
    return *rooms.ask(who, most, most, bounds).yields;
  };
  EXPECT_EQ(yields(connection(2, 8)), 1);
  EXPECT_EQ(yields({}), 1);
  rooms.touch(posted);
  EXPECT_EQ(yields({}), 2) << "the other has been used in passing";
  rooms.withdraw(another);
  rooms.touch(another);
  rooms.give_back(posted);
  EXPECT_EQ(yields({}), 3) << "the server's are in use, or gone";
}

TEST(resource_shares, connections_without_an_address_are_told_apart) {
  shares rooms("rooms");
  for (std::uint32_t i = 0; i < 60; ++i)
    rooms.take(connection(i, 0));
  EXPECT_EQ(refusal(rooms.ask(connection(99, 0), 60, most, bounds)), "");
}

} // namespace
} // namespace troupe
