#include "troupe/delivery/session.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr session::time_point now{1000s};
const wall_time wall{1'000'000s};

identity_ptr until(std::optional<wall_time> expires, std::chrono::milliseconds leeway = {}) {
  auto out = std::make_shared<identity>();
  out->user_id = "u1";
  out->expires = expires;
  out->leeway = leeway;
  return out;
}

TEST(session, begins_without_an_identity_and_never_expires) {
  const session fresh;
  EXPECT_EQ(fresh.who(), nullptr);
  EXPECT_FALSE(fresh.expired(session::time_point::max() - 1s));
}

TEST(session, ends_with_its_token_and_a_grace) {
  session s;
  const auto who = until(wall + 60s);
  s.adopt(who, wall, now, 10s);
  EXPECT_EQ(s.who(), who);
  EXPECT_EQ(s.expires(), now + 70s);
  EXPECT_FALSE(s.expired(now + 70s - 1ms));
  EXPECT_TRUE(s.expired(now + 70s));
}

TEST(session, a_token_ends_for_it_when_it_ends_for_everybody_and_then_the_grace_begins) {
  session s;
  const auto late = until(wall - 11s, 30s);
  ASSERT_FALSE(late->ended(wall)) << "it is let in";
  s.adopt(late, wall, now, 10s);
  EXPECT_EQ(s.expires(), now + 19s + 10s);
  EXPECT_TRUE(late->ended(wall + 19s));
}

TEST(session, a_client_is_told_how_long_its_token_has) {
  EXPECT_EQ(until(wall + 60s, 30s)->expires_in(wall), 60u);
  EXPECT_EQ(until(wall + 1999ms)->expires_in(wall), 1u);
  EXPECT_EQ(until(wall - 11s, 30s)->expires_in(wall), 0u);
  EXPECT_EQ(until(std::nullopt)->expires_in(wall), std::nullopt);
}

TEST(session, a_year_that_no_clock_reaches_is_never) {
  session s;
  s.adopt(until(wall_time::max()), wall, now, 10s);
  EXPECT_EQ(s.expires(), session::time_point::max());
}

TEST(session, another_token_counts_alone) {
  session s;
  s.adopt(until(wall + 60s), wall, now, 10s);
  s.adopt(until(std::nullopt), wall + 5s, now + 5s, 10s);
  EXPECT_EQ(s.expires(), session::time_point::max());
}

TEST(session, holds_its_admission_for_as_long_as_it_lives) {
  auto admission = std::make_shared<int>();
  const std::weak_ptr<int> held = admission;
  shared_gcra budget;
  {
    session s{{std::move(admission), &budget}};
    s.adopt(until(std::nullopt), wall, now, 10s);
    EXPECT_EQ(s.user_budget(), &budget);
    EXPECT_FALSE(held.expired());
  }
  EXPECT_TRUE(held.expired());
}

TEST(session, that_becomes_a_users_holds_its_address_and_its_user) {
  const auto address = std::make_shared<int>(), user = std::make_shared<int>();
  shared_gcra budget;
  {
    session s{{address}};
    s.counts_as_users({});
    EXPECT_EQ(s.user_budget(), nullptr);
    EXPECT_EQ(address.use_count(), 2) << "where users are not counted the address still is";
    s.counts_as_users({user, &budget});
    EXPECT_EQ(s.user_budget(), &budget);
    EXPECT_EQ(address.use_count(), 2);
    EXPECT_EQ(user.use_count(), 2);
  }
  EXPECT_EQ(address.use_count(), 1);
  EXPECT_EQ(user.use_count(), 1);
}

} // namespace
} // namespace troupe
