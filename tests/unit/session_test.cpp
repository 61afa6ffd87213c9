#include "troupe/delivery/session.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr session::time_point now{1000s};
const wall_time wall{1'000'000s};

identity_ptr until(std::optional<wall_time> expires) {
  auto out = std::make_shared<identity>();
  out->user_id = "u1";
  out->expires = expires;
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

TEST(session, a_token_that_has_expired_leaves_what_is_left_of_the_grace) {
  session s;
  s.adopt(until(wall - 4s), wall, now, 10s);
  EXPECT_EQ(s.expires(), now + 6s);
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
    session s{std::move(admission), &budget};
    s.adopt(until(std::nullopt), wall, now, 10s);
    EXPECT_EQ(s.user_budget(), &budget);
    EXPECT_FALSE(held.expired());
  }
  EXPECT_TRUE(held.expired());
}

} // namespace
} // namespace troupe
