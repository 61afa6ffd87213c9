// Who has the place of a user's connection: one that is dead or leaving does not keep the next one
// out.
#include "heard.hpp"
#include "server/edge/connection_limits.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

// One connection for each user.
class user_places : public testing::Test {
protected:
  // Null: refused.
  client enter() {
    identity ann;
    ann.user_id = ann.username = "ann";
    auto admitted = limits_.of_user({}, "ann", std::chrono::steady_clock::now());
    if (!admitted)
      return nullptr;
    auto who = server.connect(
      {.who = std::make_shared<const identity>(std::move(ann)), .admission = *std::move(admitted)});
    server.run();
    heard(who);
    return who;
  }

private:
  settings_board board_{{.bounds = {.connections_per_user_max = 1}}};
  connection_limits limits_{board_}; // connections are counted off until the server is no more

protected:
  stage server;
};

TEST_F(user_places, two_that_live_are_refused) {
  auto phone = enter();
  server.pass(29s);
  EXPECT_FALSE(enter());
  for (int beat = 0; beat < 10; ++beat) {
    server.pass(30s);
    phone->sign_of_life();
    EXPECT_FALSE(enter()) << beat;
  }
  phone->vanish();
  server.run();
  EXPECT_TRUE(enter());
}

TEST_F(user_places, one_that_closes_and_is_not_answered_keeps_nobody_out) {
  auto phone = enter();
  phone->stall(); // its network is gone
  phone->hang_up(close_code::try_again_later, "");
  server.run();
  EXPECT_FALSE(phone->gone());
  EXPECT_TRUE(enter());
}

TEST_F(user_places, one_that_has_missed_a_heartbeat_keeps_nobody_out) {
  auto phone = enter();
  server.pass(31s);
  EXPECT_FALSE(enter()) << "it still has time to answer";
  server.pass(30s);
  EXPECT_FALSE(phone->leaving());
  auto tab = enter();
  ASSERT_TRUE(tab);
  EXPECT_FALSE(enter()) << "and that one lives";
  // Whoever comes back to life after that is told that it has no place any more.
  phone->sign_of_life();
  server.pass(100ms);
  EXPECT_TRUE(phone->leaving());
  EXPECT_FALSE(tab->leaving());
  EXPECT_EQ(heard(phone).back().at("type"), "disconnect");
}

TEST_F(user_places, one_that_answers_late_keeps_its_place_unless_it_was_taken) {
  auto phone = enter();
  server.pass(61s);
  phone->sign_of_life();
  EXPECT_FALSE(enter());
  server.pass(1s);
  EXPECT_FALSE(phone->leaving());
}

} // namespace
} // namespace troupe::test
