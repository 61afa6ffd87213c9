#include "server/rooms/poll_voters.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using counts = std::vector<std::size_t>;

member anonymous(std::uint32_t number) {
  return {connection_id::make(0, number, 1), "x", 0, nullptr};
}

member of(const char* user, std::uint32_t number) {
  auto made = anonymous(number);
  identity who;
  who.user_id = who.username = user;
  made.who = std::make_shared<const identity>(std::move(who));
  return made;
}

TEST(poll_voters, are_users_and_connections_without_a_token) {
  poll_voters all;
  for (const auto& who : {anonymous(1), anonymous(2), of("ann", 3), of("ann", 4), of("bob", 5)})
    all.note(who);
  EXPECT_EQ(all.size(), 4u);
  all.vote(anonymous(1), 0);
  all.vote(anonymous(2), 0);
  all.vote(of("ann", 3), 0);
  all.vote(of("ann", 4), 1);
  EXPECT_EQ(all.counts(2), (counts{2, 1}));
  all.forget(connection_id::make(0, 3, 1));
  EXPECT_EQ(all.counts(2), (counts{2, 1})) << "ann is still here";
  all.forget(connection_id::make(0, 4, 1));
  all.forget(connection_id::make(0, 2, 1));
  EXPECT_EQ(all.counts(2), (counts{1, 0}));
  EXPECT_EQ(all.size(), 2u);
  all.forget_votes();
  EXPECT_EQ(all.counts(2), (counts{0, 0}));
  EXPECT_EQ(all.size(), 2u);
  all.forget(connection_id::make(0, 9, 1)); // was never here
}

TEST(poll_voters, a_name_cannot_be_taken_for_another_kind) {
  poll_voters all;
  all.note(anonymous(1));
  all.note(of(std::to_string(connection_id::make(0, 1, 1).value).c_str(), 2));
  EXPECT_EQ(all.size(), 2u);
}

// It has brought a token meanwhile.
TEST(poll_voters, who_becomes_a_user_takes_its_vote_along) {
  poll_voters all;
  all.note(anonymous(1));
  all.vote(anonymous(1), 1);
  all.note(of("ann", 1));
  EXPECT_EQ(all.counts(2), (counts{0, 1}));
  EXPECT_EQ(all.size(), 1u);
  all.note(anonymous(2));
  all.vote(anonymous(2), 0);
  all.note(of("ann", 2));
  EXPECT_EQ(all.counts(2), (counts{0, 1})) << "ann has voted already";
  EXPECT_EQ(all.size(), 1u);
  all.forget(connection_id::make(0, 1, 1));
  all.forget(connection_id::make(0, 2, 1));
  EXPECT_EQ(all.size(), 0u);
}

} // namespace
} // namespace troupe
