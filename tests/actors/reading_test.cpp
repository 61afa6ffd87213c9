// Many say more than a turn can carry out: they take turns, one connection of each address after
// the other, so that whoever comes from elsewhere does not wait for all of them.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

constexpr holder_id crowded{1};
constexpr holder_id quiet{2};
constexpr std::size_t crowd_size = 40;
constexpr int frames_each = 50;

struct crowd_and_ann {
  stage server;
  std::vector<client> crowd;
  client ann;

  explicit crowd_and_ann(stage::options how) : server(std::move(how)) {
    for (std::size_t i = 0; i < crowd_size; ++i)
      crowd.push_back(server.connect({.address = crowded}));
    ann = server.connect({.address = quiet});
    server.run();
    heard(ann);
    for (auto& each : crowd)
      heard(each);
  }

  void all_speak() {
    for (int i = 0; i < frames_each; ++i)
      for (auto& each : crowd)
        each->say(R"({"type":"publish","topic":"t","data":1,"id":)" + std::to_string(i) + "}");
  }

  std::size_t answers_to_the_crowd() {
    std::size_t out = 0;
    for (auto& each : crowd)
      out += heard(each).size();
    return out;
  }
};

TEST(reading, who_comes_from_elsewhere_does_not_wait_for_a_crowd) {
  crowd_and_ann all({.rooms_on_loops = true, .turns_take = 10ms});
  all.all_speak();
  all.ann->say(R"({"type":"ping"})");
  for (int turns = 0; turns < 3; ++turns)
    all.server.step();
  EXPECT_EQ(types(heard(all.ann)), (list{"pong"}));
  EXPECT_LT(all.answers_to_the_crowd(), crowd_size * frames_each / 2);
}

TEST(reading, all_are_answered_in_their_order) {
  crowd_and_ann all({.rooms_on_loops = true, .turns_take = 10ms});
  all.all_speak();
  all.server.run();
  for (auto& each : all.crowd) {
    int next = 0;
    for (const auto& frame : heard(each))
      EXPECT_EQ(frame["id"], next++);
    EXPECT_EQ(next, frames_each);
  }
}

TEST(reading, who_goes_while_it_waits_for_its_turn_is_gone) {
  crowd_and_ann all({.rooms_on_loops = true, .turns_take = 10ms});
  all.all_speak();
  for (auto& each : all.crowd)
    each->vanish();
  all.ann->say(R"({"type":"ping"})");
  all.server.run();
  EXPECT_EQ(types(heard(all.ann)), (list{"pong"}));
  EXPECT_EQ(all.server.metrics.connections, 1u);
}

} // namespace
} // namespace troupe::test
