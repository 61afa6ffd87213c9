// The room type that docs/extending.md writes, played as the guide says.
#include "docs/examples/dice.cpp" // the listing itself: no target has it
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

stage::options with_dice(std::uint64_t seed = 0) {
  stage::options how{.seed = seed, .rooms = server_rooms()};
  how.rooms["dice"] = make_dice_room;
  return how;
}

constexpr auto roll_20 = R"({"type":"message","message":{"roll":20}})";

TEST(dice, everybody_sees_the_rolls_and_the_highest_wins_the_round) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server(with_dice(seed));
    auto ann = server.connect({.user = "ann", .room = "dice/table"});
    server.run();
    auto bob = server.connect({.user = "bob", .room = "dice/table"});
    server.run();
    heard(ann);
    heard(bob);
    ann->say(roll_20);
    server.run();
    bob->say(roll_20);
    server.pass(10s);
    const auto frames = heard(ann);
    ASSERT_EQ(frames.size(), 3u) << "seed " << seed;
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(frames[i].at("type"), "dice_rolled");
      EXPECT_EQ(frames[i].at("user"), i == 0 ? "ann" : "bob");
      EXPECT_EQ(frames[i].at("sides"), 20);
      EXPECT_GE(frames[i].at("result"), 1);
      EXPECT_LE(frames[i].at("result"), 20);
      EXPECT_EQ(frames[i].at("offset"), i + 1);
    }
    const auto& best = frames[1].at("result") > frames[0].at("result") ? frames[1] : frames[0];
    EXPECT_EQ(frames[2].at("type"), "dice_winner");
    EXPECT_EQ(frames[2].at("user"), best.at("user")) << "seed " << seed;
    EXPECT_EQ(frames[2].at("result"), best.at("result")) << "seed " << seed;
    EXPECT_EQ(heard(bob), frames);
  }
}

TEST(dice, a_round_ends_ten_seconds_after_its_first_roll_and_another_may_begin) {
  stage server(with_dice());
  auto ann = server.connect({.room = "dice/table"});
  server.run();
  heard(ann);
  ann->say(roll_20);
  server.pass(9'900ms);
  EXPECT_EQ(heard(ann).size(), 1u);
  server.pass(100ms);
  EXPECT_EQ(heard(ann).at(0).at("type"), "dice_winner");
  ann->say(R"({"type":"message","message":{"roll":6}})");
  server.run();
  EXPECT_EQ(heard(ann).at(0).at("sides"), 6);
}

// What is rolled for ann, once in each of ten rooms.
std::vector<json> rolls(stage& server) {
  std::vector<json> out;
  for (int i = 0; i < 10; ++i) {
    auto ann = server.connect({.room = "dice/" + std::to_string(i)});
    server.run();
    heard(ann);
    ann->say(roll_20);
    server.run();
    out.push_back(heard(ann).at(0).at("result"));
  }
  return out;
}

// An epoch is shown to everybody.
TEST(dice, an_epoch_tells_nothing_of_what_is_rolled) {
  stage one(with_dice(1)), alike(with_dice(1)), other(with_dice(2));
  one.settings.epoch = other.settings.epoch = "the same";
  alike.settings.epoch = "another";
  const auto rolled = rolls(one);
  EXPECT_EQ(rolls(alike), rolled);
  EXPECT_NE(rolls(other), rolled);
}

TEST(dice, what_is_no_roll_is_refused_and_the_room_lives_on) {
  stage server(with_dice());
  auto ann = server.connect({.room = "dice/table"});
  server.run();
  heard(ann);
  for (const auto* said :
       {"1", "\"roll\"", "[20]", "{}", R"({"roll":1})", R"({"roll":101})", R"({"roll":-6})",
        R"({"roll":2.5})", R"({"roll":"20"})", R"({"roll":1e999})", R"({"roll":{}})"}) {
    ann->say(R"({"type":"message","id":"r","message":)" + std::string(said) + "}");
    server.run();
    const auto answer = heard(ann).at(0);
    EXPECT_EQ(answer.at("code"), "bad_request") << said;
    EXPECT_EQ(answer.at("id"), "r") << said;
  }
  EXPECT_TRUE(server.reports.empty());

  ann->say(roll_20);
  ann->say(roll_20);
  ann->say(R"({"type":"message","message":{"roll":6}})");
  server.run();
  const auto answers = heard(ann);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].at("type"), "dice_rolled");
  EXPECT_EQ(answers[1].at("code"), "limit_exceeded");
  EXPECT_EQ(answers[2].at("code"), "bad_request");
}

} // namespace
} // namespace troupe::test
