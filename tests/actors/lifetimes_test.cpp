// What is retired is gone: rooms and topics leave nothing behind that would be counted nowhere.
#include "heard.hpp"
#include "stage.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

// The actor behind the first room or topic that `who` listens to. Does not hold it.
caf::weak_actor_ptr first_host(const client& who) {
  return std::visit([](const auto& host) { return caf::actor_cast<caf::weak_actor_ptr>(host); },
                    who->audience_at(0).host);
}

bool exists(const caf::weak_actor_ptr& actor) {
  return actor.lock() != nullptr;
}

class lifetimes : public testing::TestWithParam<bool> {};

TEST_P(lifetimes, a_retired_room_is_gone_although_its_timer_has_an_hour_left) {
  stage server({.rooms_on_loops = GetParam()});
  auto ann = server.connect({.room = "poll/lunch"});
  server.run();
  ann->say(R"({"type":"message","message":{"ask":"Lunch?","options":["a","b"],"seconds":3600}})");
  server.run();
  ASSERT_EQ(types(heard(ann)), (list{"connection", "poll_opened"}));
  const auto room = first_host(ann);
  ann->close();
  server.pass(59s);
  EXPECT_TRUE(exists(room)) << "somebody may come back";
  server.pass(2s);
  EXPECT_EQ(server.metrics.rooms, 0u);
  EXPECT_FALSE(exists(room));
}

TEST_P(lifetimes, a_retired_topic_is_gone) {
  stage server({.rooms_on_loops = GetParam()});
  auto ann = server.connect();
  server.run();
  ann->say(R"({"type":"subscribe","topic":"news"})");
  ann->say(R"({"type":"publish","topic":"news","data":1})");
  server.run();
  const auto topic = first_host(ann);
  ann->say(R"({"type":"unsubscribe","topic":"news"})");
  server.pass(59s);
  EXPECT_TRUE(exists(topic)) << "somebody may come back";
  server.pass(2s);
  EXPECT_EQ(server.metrics.topics, 0u);
  EXPECT_FALSE(exists(topic));
}

// Says "close", and the room closes itself; "fail", and it fails. Sets itself a timer of an hour.
class ending_room final : public room_logic {
public:
  void on_open(room_context& room) override { room.after(1h, 1); }
  void on_message(room_context& room, const member&, std::string_view,
                  std::string_view content) override {
    if (content == "\"close\"")
      room.close();
    else
      throw std::runtime_error("as it was told");
  }
};

TEST_P(lifetimes, a_room_that_closes_itself_or_fails_is_gone_at_once) {
  stage server({.rooms_on_loops = GetParam(),
                .rooms = {{"chat", [] { return std::make_unique<ending_room>(); }}}});
  for (const auto* what : {"close", "fail"}) {
    auto ann = server.connect({.room = what});
    server.run();
    const auto room = first_host(ann);
    EXPECT_TRUE(exists(room));
    ann->say(R"({"type":"message","message":")" + std::string(what) + "\"}");
    server.run();
    EXPECT_EQ(server.metrics.rooms, 0u) << what;
    EXPECT_FALSE(exists(room)) << what;
  }
}

TEST_P(lifetimes, a_timer_that_is_not_over_comes_in_its_time) {
  stage server({.rooms_on_loops = GetParam()});
  auto ann = server.connect({.room = "poll/lunch"});
  server.run();
  ann->say(R"({"type":"message","message":{"ask":"Lunch?","options":["a","b"],"seconds":70}})");
  server.pass(69s);
  heard(ann);
  server.pass(2s);
  const auto frames = types(heard(ann));
  EXPECT_EQ(std::count(frames.begin(), frames.end(), "poll_result"), 1);
}

// The clock of CAF is a thread, which each timer of its own would wake.
TEST(timers, of_rooms_and_topics_on_a_loop_stand_in_its_wheel) {
  stage server({.rooms_on_loops = true});
  auto ann = server.connect({.room = "poll/lunch"});
  ann->say(R"({"type":"message","message":{"ask":"Lunch?","options":["a","b"],"seconds":70}})");
  ann->say(R"({"type":"publish","topic":"news","data":1})");
  server.run();
  ASSERT_EQ(server.metrics.topics, 1u);
  auto& clock = static_cast<caf::scheduler::test_coordinator&>(server.system().scheduler()).clock();
  EXPECT_FALSE(clock.has_pending_timeout());
}

INSTANTIATE_TEST_SUITE_P(rooms_on_the_pool_and_on_loops, lifetimes, testing::Bool());

} // namespace
} // namespace troupe::test
