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

std::vector<client> crowd(stage& house, std::size_t count, const std::string& room = {}) {
  std::vector<client> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(house.connect({.room = room}));
  house.run();
  for (auto& each : all)
    each->read();
  return all;
}

void start_drain(stage& house, std::chrono::milliseconds within, double per_second = 0) {
  const double all = house.here.connections.load();
  for (const auto& each : house.here.outlets)
    caf::anon_send(each, drain{within, per_second / all});
  house.run();
}

std::size_t gone(const std::vector<client>& all) {
  return static_cast<std::size_t>(
    std::count_if(all.begin(), all.end(), [](const auto& who) { return who->leaving(); }));
}

TEST(drain, connections_go_at_the_rate_that_was_asked_for) {
  stage house({.loops = 2});
  const auto all = crowd(house, 40);
  start_drain(house, 60s, 10);
  EXPECT_EQ(gone(all), 2u) << "the first of each loop at once";
  for (int second = 1; second < 4; ++second) {
    house.pass(1s);
    EXPECT_NEAR(static_cast<double>(gone(all)), 10 * second + 1, 2);
  }
  house.pass(2s);
  EXPECT_EQ(gone(all), 40u);
}

TEST(drain, many_are_spread_over_the_time_there_is) {
  stage house;
  const auto all = crowd(house, 1000);
  start_drain(house, 4s);
  house.pass(1s);
  EXPECT_NEAR(static_cast<double>(gone(all)), 250, 10);
  house.pass(2s);
  EXPECT_NEAR(static_cast<double>(gone(all)), 750, 10);
  house.pass(1s);
  EXPECT_EQ(gone(all), 1000u);
}

TEST(drain, who_is_left_when_the_time_is_over_goes_then) {
  stage house;
  const auto all = crowd(house, 30);
  start_drain(house, 1s, 1);
  house.pass(900ms);
  EXPECT_EQ(gone(all), 1u);
  house.pass(200ms);
  EXPECT_EQ(gone(all), 30u);
}

TEST(drain, each_is_asked_to_come_back_at_a_moment_of_its_own) {
  stage house;
  auto all = crowd(house, 20);
  start_drain(house, 2s);
  house.pass(2100ms);
  std::set<int> moments;
  for (auto& who : all) {
    const auto frames = heard(who);
    ASSERT_EQ(types(frames), (list{"disconnect"}));
    EXPECT_EQ(frames[0]["code"], 1001);
    EXPECT_EQ(frames[0]["reconnect"], true);
    moments.insert(frames[0]["after_ms"].get<int>());
  }
  EXPECT_EQ(moments.size(), 20u);
  EXPECT_LT(*moments.rbegin(), 2000);
}

TEST(drain, who_is_still_there_misses_nothing) {
  stage house({.loops = 2});
  auto all = crowd(house, 10, "r");
  auto& last = all.back();
  start_drain(house, 60s, 5);
  int said = 0;
  while (!last->leaving()) {
    ASSERT_LT(said, 1000);
    last->say(json{{"type", "message"}, {"message", said++}}.dump());
    house.pass(100ms);
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
  stage house;
  auto all = crowd(house, 3, "r");
  start_drain(house, 60s, 1);
  house.pass(100ms);
  EXPECT_EQ(types(heard(all[2])), (list{"user_left"}));
}

TEST(drain, asking_twice_changes_nothing) {
  stage house;
  const auto all = crowd(house, 20);
  start_drain(house, 60s, 10);
  house.pass(500ms);
  const auto before = gone(all);
  start_drain(house, 0s);
  EXPECT_EQ(gone(all), before);
}

TEST(drain, connections_that_leave_on_their_own_do_not_hold_it_up) {
  stage house;
  auto all = crowd(house, 20);
  start_drain(house, 60s, 10);
  for (std::size_t i = 5; i < 15; ++i)
    all[i]->vanish();
  house.pass(1200ms);
  EXPECT_EQ(gone(all), 20u);
}

} // namespace
} // namespace troupe::test
