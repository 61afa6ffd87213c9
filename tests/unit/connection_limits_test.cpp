#include "server/edge/connection_limits.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

const auto now = std::chrono::steady_clock::now();

client_address address(std::string_view text) {
  const auto parsed = client_address::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(client_address{});
}

TEST(connection_limits, without_limits_nothing_is_counted_and_nothing_kept) {
  const settings_board board{{.bounds = limits{}}};
  connection_limits counts{board};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(counts.may_accept(now));
    auto at = counts.at_address(address("192.0.2.1"), now);
    ASSERT_TRUE(at);
    EXPECT_FALSE(*at) << "an empty one";
    const auto admission = counts.of_user(std::move(*at), "ann", now);
    ASSERT_TRUE(admission);
    EXPECT_EQ(admission->held, nullptr);
    EXPECT_EQ(admission->user_budget, nullptr);
  }
}

TEST(connection_limits, an_address_admits_so_many_and_one_more_when_one_goes) {
  const settings_board board{{.bounds = limits{.connections_per_address_max = 2}}};
  connection_limits counts{board};
  const auto one = address("192.0.2.1");
  auto first = counts.at_address(one, now);
  auto second = counts.at_address(one, now);
  ASSERT_TRUE(first && *first);
  ASSERT_TRUE(second && *second);
  EXPECT_FALSE(counts.at_address(one, now));
  EXPECT_TRUE(counts.at_address(address("192.0.2.2"), now)) << "another address";
  first.reset();
  const auto third = counts.at_address(one, now);
  EXPECT_TRUE(third);
  EXPECT_FALSE(counts.at_address(one, now));
}

TEST(connection_limits, an_address_counts_a_connection_as_long_as_its_admission_lives) {
  const settings_board board{{.bounds = limits{.connections_per_address_max = 1}}};
  connection_limits counts{board};
  const auto one = address("192.0.2.1");
  auto admission = counts.of_user(*counts.at_address(one, now), "", now);
  ASSERT_TRUE(admission && admission->held);
  EXPECT_EQ(admission->user_budget, nullptr);
  EXPECT_FALSE(counts.at_address(one, now));
  admission->held.reset();
  EXPECT_TRUE(counts.at_address(one, now));
}

TEST(connection_limits, an_ipv6_address_counts_with_its_network) {
  const settings_board board{{.bounds = limits{.connections_per_address_max = 1}}};
  connection_limits counts{board};
  const auto first = counts.at_address(address("2001:db8::1"), now);
  ASSERT_TRUE(first);
  EXPECT_FALSE(counts.at_address(address("2001:db8::ffff:1:2:3"), now));
  EXPECT_TRUE(counts.at_address(address("2001:db8:0:1::1"), now));
  const auto v4 = counts.at_address(address("192.0.2.1"), now);
  EXPECT_TRUE(counts.at_address(address("192.0.2.2"), now)) << "IPv4 counts one by one";
}

TEST(connection_limits, an_address_that_is_not_known_is_not_counted) {
  const settings_board board{{.bounds = limits{.connections_per_address_max = 1}}};
  connection_limits counts{board};
  const auto first = counts.at_address({}, now);
  EXPECT_TRUE(first);
  EXPECT_TRUE(counts.at_address({}, now));
}

TEST(connection_limits, a_user_has_so_many_connections_wherever_they_come_from) {
  const settings_board board{{.bounds = limits{.connections_per_user_max = 2}}};
  connection_limits counts{board};
  auto first = counts.of_user({}, "ann", now);
  const auto second = counts.of_user({}, "ann", now);
  ASSERT_TRUE(first && first->held && second);
  EXPECT_FALSE(counts.of_user({}, "ann", now));
  EXPECT_TRUE(counts.of_user({}, "ben", now));
  const auto anonymous = counts.of_user({}, "", now);
  EXPECT_TRUE(anonymous && !anonymous->held) << "who has no token is nobody's connection";
  first.reset();
  EXPECT_TRUE(counts.of_user({}, "ann", now));
}

TEST(connection_limits, who_is_refused_as_a_user_is_no_longer_counted_at_the_address) {
  const settings_board board{
    {.bounds = limits{.connections_per_address_max = 2, .connections_per_user_max = 1}}};
  connection_limits counts{board};
  const auto one = address("192.0.2.1");
  const auto first = counts.of_user(*counts.at_address(one, now), "ann", now);
  ASSERT_TRUE(first);
  EXPECT_FALSE(counts.of_user(*counts.at_address(one, now), "ann", now));
  EXPECT_TRUE(counts.at_address(one, now));
}

TEST(connection_limits, the_newest_has_the_place_of_one_that_is_doubtful) {
  const settings_board board{{.bounds = limits{.connections_per_user_max = 2}}};
  connection_limits counts{board};
  auto phone = counts.of_user({}, "ann", now);
  auto tab = counts.of_user({}, "ann", now);
  ASSERT_TRUE(phone && phone->place && tab);
  EXPECT_FALSE(counts.of_user({}, "ann", now)) << "both live";
  phone->place->doubt();
  const auto again = counts.of_user({}, "ann", now);
  ASSERT_TRUE(again);
  EXPECT_TRUE(phone->place->lost());
  EXPECT_FALSE(phone->place->vouch()) << "too late";
  EXPECT_TRUE(tab->place->vouch());
  EXPECT_FALSE(counts.of_user({}, "ann", now));
  phone.reset();
  EXPECT_FALSE(counts.of_user({}, "ann", now)) << "it was counted off when it lost its place";
  tab.reset();
  EXPECT_TRUE(counts.of_user({}, "ann", now));
}

TEST(connection_limits, one_that_was_doubtful_and_lives_keeps_its_place) {
  const settings_board board{{.bounds = limits{.connections_per_user_max = 1}}};
  connection_limits counts{board};
  const auto phone = counts.of_user({}, "ann", now);
  ASSERT_TRUE(phone);
  phone->place->doubt();
  EXPECT_TRUE(phone->place->vouch());
  EXPECT_FALSE(counts.of_user({}, "ann", now));
  phone->place->doubt();
  phone->place->doubt();
  EXPECT_TRUE(counts.of_user({}, "ann", now));
}

// It may still send: its budget must be there as long as it is.
TEST(connection_limits, who_has_lost_its_place_still_has_its_users_budget) {
  const settings_board board{
    {.bounds = limits{.user_messages_per_minute = 1, .connections_per_user_max = 1}}};
  connection_limits counts{board};
  const auto lost = counts.of_user({}, "ann", now);
  ASSERT_TRUE(lost);
  lost->place->doubt();
  {
    const auto newest = counts.of_user({}, "ann", now);
    ASSERT_TRUE(newest);
    EXPECT_EQ(newest->user_budget, lost->user_budget);
  }
  for (int i = 0; i < 5000; ++i) // have those swept away who are remembered for nothing
    EXPECT_TRUE(counts.of_user({}, "user " + std::to_string(i), now));
  EXPECT_EQ(lost->user_budget->take(rate::per_minute(1, 1), now), 0ns);
}

TEST(connection_limits, connections_of_a_user_share_a_budget) {
  const limits bounds{.user_messages_per_minute = 1, .user_messages_burst = 3};
  const auto allowed = rate::per_minute(1, 3);
  const settings_board board{{.bounds = bounds}};
  connection_limits counts{board};
  auto tab = counts.of_user({}, "ann", now);
  auto phone = counts.of_user({}, "ann", now);
  const auto ben = counts.of_user({}, "ben", now);
  ASSERT_TRUE(tab && phone && ben);
  ASSERT_NE(tab->user_budget, nullptr);
  EXPECT_EQ(tab->user_budget, phone->user_budget);
  EXPECT_NE(tab->user_budget, ben->user_budget);
  EXPECT_EQ(tab->user_budget->take(allowed, now), 0ns);
  EXPECT_EQ(phone->user_budget->take(allowed, now), 0ns);
  EXPECT_EQ(phone->user_budget->take(allowed, now), 0ns);
  EXPECT_GT(tab->user_budget->take(allowed, now), 0ns);
  // Connecting anew is no way to another burst.
  tab.reset();
  phone.reset();
  const auto again = counts.of_user({}, "ann", now);
  ASSERT_TRUE(again && again->user_budget);
  EXPECT_GT(again->user_budget->take(allowed, now), 0ns);
}

TEST(connection_limits, so_many_sockets_are_accepted_a_second) {
  const settings_board board{{.bounds = limits{.accepts_per_second = 10}}};
  connection_limits counts{board};
  int accepted = 0;
  for (int i = 0; i < 100; ++i)
    accepted += counts.may_accept(now);
  EXPECT_EQ(accepted, 10);
  EXPECT_FALSE(counts.may_accept(now + 99ms));
  EXPECT_TRUE(counts.may_accept(now + 100ms));
}

TEST(connection_limits, it_says_when_there_are_more_sockets_than_there_may_be) {
  const settings_board board{{.bounds = limits{.http_sockets_max = 2}}};
  connection_limits counts{board};
  EXPECT_FALSE(counts.socket_comes());
  EXPECT_FALSE(counts.socket_comes());
  EXPECT_TRUE(counts.socket_comes());
  counts.socket_goes();
  counts.socket_goes();
  EXPECT_FALSE(counts.socket_comes());
}

TEST(keyed_counter, who_has_left_is_forgotten) {
  keyed_counter<std::string> all;
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(all.enter("user " + std::to_string(i), 1, now));
  EXPECT_EQ(all.size(), 0u);
}

TEST(keyed_counter, who_has_left_with_a_debt_is_forgotten_when_it_is_paid) {
  keyed_counter<std::string> all;
  const auto allowed = rate::per_minute(1, 1);
  constexpr std::size_t many = 64 * 64;
  for (std::size_t i = 0; i < many; ++i) {
    const auto admission = all.enter("user " + std::to_string(i), 0, now);
    ASSERT_TRUE(admission);
    admission->budget()->take(allowed, now + 1h);
  }
  EXPECT_EQ(all.size(), many) << "their budgets are not whole yet";
  for (std::size_t i = 0; i < many; ++i)
    EXPECT_TRUE(all.enter("later " + std::to_string(i), 0, now + 2h));
  EXPECT_LT(all.size(), many / 2);
}

TEST(keyed_counter, threads_that_come_and_go_never_exceed_the_most) {
  keyed_counter<std::string> all;
  constexpr std::uint32_t most = 3;
  std::atomic<std::uint32_t> inside{0}, worst{0}, entered{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 20'000; ++i)
          if (const auto admission = all.enter(i % 2 ? "odd" : "even", most, now)) {
            const auto together = ++inside;
            for (auto seen = worst.load(); seen < together;)
              if (worst.compare_exchange_weak(seen, together))
                break;
            --inside;
            ++entered;
          }
      });
  }
  EXPECT_LE(worst, 2 * most);
  EXPECT_GT(entered, 0u);
  EXPECT_EQ(all.size(), 0u);
}

} // namespace
} // namespace troupe
