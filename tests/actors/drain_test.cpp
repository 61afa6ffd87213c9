// The end of a server as its clients see it: who is told to go, and when.
#include "heard.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::vector<client> crowd(stage& server, std::size_t count, const std::string& room = {}) {
  std::vector<client> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(server.connect({.room = room}));
  server.run();
  for (auto& each : all)
    each->read();
  return all;
}

void start_drain(stage& server, std::chrono::milliseconds within, double per_second = 0) {
  const double all = server.metrics.connections.load();
  for (const auto& each : server.routes.outlets)
    caf::anon_send(each, drain{within, per_second / all});
  server.run();
}

std::size_t gone(const std::vector<client>& all) {
  return static_cast<std::size_t>(
    std::count_if(all.begin(), all.end(), [](const auto& who) { return who->leaving(); }));
}

TEST(drain, connections_go_at_the_rate_that_was_asked_for) {
  stage server({.loops = 2});
  const auto all = crowd(server, 40);
  start_drain(server, 60s, 10);
  EXPECT_EQ(gone(all), 2u) << "the first of each loop at once";
  for (int second = 1; second < 4; ++second) {
    server.pass(1s);
    EXPECT_NEAR(static_cast<double>(gone(all)), 10 * second + 1, 2);
  }
  server.pass(2s);
  EXPECT_EQ(gone(all), 40u);
}

TEST(drain, many_are_spread_over_the_time_there_is) {
  stage server;
  const auto all = crowd(server, 1000);
  start_drain(server, 4s);
  server.pass(1s);
  EXPECT_NEAR(static_cast<double>(gone(all)), 250, 10);
  server.pass(2s);
  EXPECT_NEAR(static_cast<double>(gone(all)), 750, 10);
  server.pass(1s);
  EXPECT_EQ(gone(all), 1000u);
}

TEST(drain, who_is_left_when_the_time_is_over_goes_then) {
  stage server;
  const auto all = crowd(server, 30);
  start_drain(server, 1s, 1);
  server.pass(900ms);
  EXPECT_EQ(gone(all), 1u);
  server.pass(200ms);
  EXPECT_EQ(gone(all), 30u);
}

TEST(drain, each_is_asked_to_come_back_at_a_moment_of_its_own) {
  stage server;
  auto all = crowd(server, 20);
  start_drain(server, 2s);
  server.pass(2100ms);
  std::set<int> moments;
  for (auto& who : all) {
    const auto frames = heard(who);
    ASSERT_EQ(types(frames), (list{"disconnect"}));
    EXPECT_EQ(frames[0]["close_code"], 1001);
    EXPECT_EQ(frames[0]["reconnect"], true);
    moments.insert(frames[0]["after_ms"].get<int>());
  }
  EXPECT_EQ(moments.size(), 20u);
  EXPECT_LT(*moments.rbegin(), 2000);
}

TEST(drain, who_is_still_there_misses_nothing) {
  stage server({.loops = 2});
  auto all = crowd(server, 10, "r");
  auto& last = all.back();
  start_drain(server, 60s, 5);
  int said = 0;
  while (!last->leaving()) {
    ASSERT_LT(said, 1000);
    last->say(json{{"type", "message"}, {"message", said++}}.dump());
    server.pass(100ms);
  }
  for (auto& who : all) {
    const auto frames = heard(who);
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back()["type"], "disconnect");
    int next = 0;
    for (const auto& frame : frames)
      if (frame["type"] == "message") {
        EXPECT_EQ(frame["message"], next);
        ++next;
      }
    if (who == last) {
      EXPECT_EQ(next, said);
    }
  }
}

TEST(drain, those_who_remain_are_told_who_left) {
  stage server;
  auto all = crowd(server, 3, "r");
  start_drain(server, 60s, 1);
  server.pass(100ms);
  EXPECT_EQ(types(heard(all[2])), (list{"user_left"}));
}

TEST(drain, asking_twice_changes_nothing) {
  stage server;
  const auto all = crowd(server, 20);
  start_drain(server, 60s, 10);
  server.pass(500ms);
  const auto before = gone(all);
  start_drain(server, 0s);
  EXPECT_EQ(gone(all), before);
}

TEST(drain, connections_that_leave_on_their_own_do_not_hold_it_up) {
  stage server;
  auto all = crowd(server, 20);
  start_drain(server, 60s, 10);
  for (std::size_t i = 5; i < 15; ++i)
    all[i]->vanish();
  server.pass(1200ms);
  EXPECT_EQ(gone(all), 20u);
}

} // namespace
} // namespace troupe::test
