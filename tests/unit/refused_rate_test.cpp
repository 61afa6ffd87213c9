#include "server/edge/refused_rate.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// Later than the clock by which the counters forget: so they keep what the tests count.
const auto now = std::chrono::steady_clock::now() + 1h;

client_address address(std::string_view text) {
  const auto parsed = client_address::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(client_address{});
}

struct refusals {
  explicit refusals(std::uint32_t per_minute)
    : board(live_settings{.bounds = limits{.refused_requests_per_minute = per_minute}}) {}

  bool may(std::string_view who, gcra::time_point when = now) {
    return rate.charge(address(who), when) == 0ns;
  }

  settings_board board;
  refused_rate rate{board};
};

TEST(refused_rate, an_address_may_be_refused_so_often_and_then_has_to_wait) {
  refusals all(60);
  for (int i = 0; i < 60; ++i)
    EXPECT_TRUE(all.may("192.0.2.1"));
  EXPECT_FALSE(all.may("192.0.2.1"));
  EXPECT_EQ(all.rate.charge(address("192.0.2.1"), now), 1s) << "how long";
  EXPECT_TRUE(all.may("192.0.2.2")) << "another address";
  EXPECT_FALSE(all.may("192.0.2.1", now + 999ms));
  EXPECT_TRUE(all.may("192.0.2.1", now + 1s));
}

TEST(refused_rate, who_asks_meanwhile_does_not_wait_longer) {
  refusals all(60);
  for (int i = 0; i < 10'000; ++i)
    all.may("192.0.2.1");
  EXPECT_TRUE(all.may("192.0.2.1", now + 1s));
}

TEST(refused_rate, an_ipv6_address_counts_with_its_network) {
  refusals all(1);
  EXPECT_TRUE(all.may("2001:db8::1"));
  EXPECT_FALSE(all.may("2001:db8::ffff:1:2:3"));
  EXPECT_TRUE(all.may("2001:db8:0:1::1"));
}

TEST(refused_rate, without_a_limit_nothing_is_kept) {
  refusals all(0);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_TRUE(all.may("192.0.2.1"));
  EXPECT_EQ(all.rate.size(), 0u);
  refusals some(1);
  EXPECT_EQ(some.rate.charge({}, now), 0ns) << "an address that is not known";
  EXPECT_EQ(some.rate.charge({}, now), 0ns);
  EXPECT_EQ(some.rate.size(), 0u);
}

TEST(refused_rate, addresses_are_forgotten_when_they_have_all_of_it_again) {
  refusals all(60);
  for (int i = 0; i < 20'000; ++i)
    all.may("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250),
            now + std::chrono::milliseconds(10) * i);
  EXPECT_LT(all.rate.size(), 5'000u);
}

} // namespace
} // namespace troupe
