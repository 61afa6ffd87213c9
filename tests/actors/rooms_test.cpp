// Rooms, as their members see them.
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::vector<std::string> types(const std::vector<std::string>& frames) {
  std::vector<std::string> out;
  for (const auto& frame : frames)
    out.push_back(frame.front() == '<' ? frame : json::parse(frame)["type"].get<std::string>());
  return out;
}

using list = std::vector<std::string>;

TEST(rooms, everybody_hears_a_message_in_the_same_order) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    stage server({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    std::vector<client> members;
    for (int i = 0; i < 7; ++i)
      members.push_back(server.connect({.user = "m" + std::to_string(i), .room = "r"}));
    server.run();
    for (auto& who : members)
      who->read();
    for (int round = 0; round < 5; ++round)
      for (auto& who : members)
        who->say(R"({"type":"message","message":)" + std::to_string(round) + "}");
    server.run();
    const auto first = members.front()->read();
    ASSERT_EQ(first.size(), 35u) << "seed " << seed;
    for (std::size_t i = 0; i < first.size(); ++i)
      EXPECT_EQ(json::parse(first[i])["offset"], i + 1) << "seed " << seed;
    for (std::size_t i = 1; i < members.size(); ++i)
      EXPECT_EQ(members[i]->read(), first) << "seed " << seed;
  }
}

TEST(rooms, nobody_misses_or_doubles_a_member_however_they_come_and_go) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    stage server({.seed = seed, .loops = 2});
    auto watcher = server.connect({.user = "watcher", .room = "r"});
    server.run();
    watcher->read();
    std::mt19937_64 dice(seed);
    std::vector<client> others;
    for (int i = 0; i < 12; ++i) {
      others.push_back(server.connect({.room = dice() % 2 ? "r" : ""}));
      if (dice() % 3 == 0)
        others[dice() % others.size()]->vanish();
      if (dice() % 3 == 0)
        others[dice() % others.size()]->say(R"({"type":"join","room":"r"})");
      if (dice() % 3 == 0)
        others[dice() % others.size()]->say(R"({"type":"leave","room":"r"})");
      if (dice() % 4 == 0)
        server.run();
    }
    server.run();
    for (auto& who : others)
      if (!who->gone())
        who->vanish();
    server.run();
    int present = 0;
    for (const auto& type : types(watcher->read())) {
      present += type == "user_joined" ? 1 : type == "user_left" ? -1 : 0;
      EXPECT_GE(present, 0) << "seed " << seed;
    }
    EXPECT_EQ(present, 0) << "seed " << seed;
  }
}

TEST(rooms, the_first_frame_is_connection_even_when_the_room_is_busy) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server({.seed = seed, .loops = 2});
    auto busy = server.connect({.room = "r"});
    server.run();
    for (int i = 0; i < 10; ++i)
      busy->say(R"({"type":"message","message":"x"})");
    auto late = server.connect({.room = "r"});
    for (int i = 0; i < 10; ++i)
      busy->say(R"({"type":"message","message":"y"})");
    server.run();
    EXPECT_EQ(types(late->read()).front(), "connection") << "seed " << seed;
  }
}

TEST(rooms, join_and_message_may_come_in_one_breath) {
  stage server;
  auto who = server.connect();
  who->say(R"({"type":"join","room":"r","user":"ann","id":1})");
  who->say(R"({"type":"message","message":"hi"})");
  who->say(R"({"type":"leave","room":"r"})");
  who->say(R"({"type":"message","message":"too late"})");
  server.run();
  EXPECT_EQ(types(who->read()), (list{"connection", "joined", "left", "error"}));
}

TEST(rooms, a_message_to_a_room_one_is_not_in_is_refused) {
  stage server;
  auto who = server.connect();
  server.run();
  who->read();
  who->say(R"({"type":"message","room":"r","message":"hi","id":"a"})");
  server.run();
  const auto answer = json::parse(who->read().at(0));
  EXPECT_EQ(answer["code"], "not_in_room");
  EXPECT_EQ(answer["id"], "a");
}

TEST(rooms, the_room_may_be_left_out_only_when_there_is_one) {
  stage server;
  auto who = server.connect({.room = "r"});
  who->say(R"({"type":"join","room":"s"})");
  who->say(R"({"type":"message","message":"where?"})");
  who->say(R"({"type":"message","room":"s","message":"there"})");
  server.run();
  const auto frames = who->read();
  ASSERT_EQ(types(frames), (list{"connection", "joined", "error", "message"}));
  EXPECT_EQ(json::parse(frames[2])["code"], "bad_request");
}

TEST(rooms, two_missed_heartbeats_end_a_connection) {
  stage server({.heartbeat = 1s});
  auto quiet = server.connect({.user = "quiet", .room = "r"});
  auto lively = server.connect({.room = "r"});
  server.run();
  lively->read();
  for (int i = 0; i < 8; ++i) {
    server.pass(500ms);
    lively->sign_of_life();
  }
  EXPECT_EQ(types(quiet->read()), (list{"connection", "user_joined", "ping", "<ping>", "ping",
                                        "<ping>", "disconnect", "<close 4408>"}));
  const auto seen = types(lively->read());
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "user_left"), 1);
  server.pass(server.bounds().close_timeout);
  EXPECT_TRUE(quiet->gone());
  EXPECT_FALSE(lively->gone());
}

TEST(rooms, who_does_not_read_is_closed_and_the_others_notice_nothing) {
  stage server({.bounds = {.outbox_bytes_max = 2000}});
  auto stuck = server.connect({.room = "r"});
  auto reader = server.connect({.room = "r"});
  server.run();
  stuck->read();
  reader->read();
  stuck->stall();
  for (int i = 0; i < 40; ++i) {
    reader->say(R"({"type":"message","message":"0123456789012345678901234567890123456789"})");
    server.run();
    EXPECT_LE(stuck->waiting_bytes(), 2200u);
  }
  const auto seen = types(reader->read());
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "message"), 40);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "user_left"), 1);
  stuck->resume(); // it wakes up before the close times out
  EXPECT_EQ(types(stuck->read()), (list{"disconnect", "<close 4409>"}));
}

TEST(rooms, a_full_room_refuses_and_says_so) {
  stage server({.bounds = {.members_per_room_max = 1}});
  auto first = server.connect({.room = "r"});
  auto second = server.connect();
  server.run();
  second->read();
  second->say(R"({"type":"join","room":"r","id":5})");
  server.run();
  const auto answer = json::parse(second->read().at(0));
  EXPECT_EQ(answer["code"], "limit_exceeded");
  EXPECT_EQ(answer["id"], 5);
}

TEST(rooms, an_empty_room_is_retired_and_comes_back_with_a_new_epoch) {
  stage server;
  auto who = server.connect();
  auto epoch = [&] {
    who->say(R"({"type":"join","room":"r"})");
    server.run();
    const auto joined = json::parse(who->read().back());
    who->say(R"({"type":"leave","room":"r"})");
    server.run();
    who->read();
    who->sign_of_life();
    return joined.at("epoch").get<std::string>();
  };
  const auto first = epoch();
  server.pass(server.bounds().room_idle_timeout / 2);
  EXPECT_EQ(epoch(), first);
  for (int i = 0; i < 4; ++i) {
    server.pass(server.bounds().room_idle_timeout / 2);
    who->sign_of_life();
  }
  EXPECT_NE(epoch(), first);
}

// A room type that breaks when it is told to.
class fragile_room final : public room_logic {
  void on_message(room_context&, const member&, std::string_view, std::string_view) override {
    throw std::runtime_error("broken");
  }
};

TEST(rooms, a_room_that_fails_dies_alone_and_may_be_entered_again) {
  auto rooms = server_rooms();
  rooms["fragile"] = [] { return std::make_unique<fragile_room>(); };
  stage server({.rooms = rooms});
  auto who = server.connect({.room = "fragile/r"});
  auto other = server.connect({.room = "r"});
  server.run();
  who->read();
  other->read();
  who->say(R"({"type":"message","message":"now"})");
  server.run();
  EXPECT_EQ(json::parse(who->read().at(0))["code"], "internal");
  EXPECT_EQ(server.reports, (list{"room fragile/r failed: broken"}));
  EXPECT_TRUE(other->read().empty());
  who->say(R"({"type":"join","room":"fragile/r"})");
  server.run();
  EXPECT_EQ(json::parse(who->read().at(0))["code"], "unavailable");
  server.pass(1s);
  who->say(R"({"type":"join","room":"fragile/r"})");
  server.run();
  EXPECT_EQ(types(who->read()), (list{"joined"}));
}

TEST(rooms, bad_frames_in_a_row_close_a_good_one_between_forgives) {
  stage server;
  auto who = server.connect();
  for (int i = 0; i < 9; ++i)
    who->say("nonsense");
  who->say(R"({"type":"ping"})");
  for (int i = 0; i < 9; ++i)
    who->say("nonsense");
  server.run();
  const auto before = types(who->read());
  EXPECT_EQ(std::count(before.begin(), before.end(), "error"), 18);
  EXPECT_EQ(before.back(), "error");
  who->say("nonsense");
  server.run();
  EXPECT_EQ(types(who->read()), (list{"error", "disconnect", "<close 1008>"}));
}

TEST(rooms, drain_tells_everybody) {
  stage server({.loops = 2});
  auto a = server.connect({.room = "r"});
  auto b = server.connect();
  server.run();
  a->read();
  b->read();
  for (const auto& each : server.routes.outlets)
    caf::anon_send(each, drain{1000ms});
  server.run();
  EXPECT_EQ(types(a->read()), (list{"disconnect", "<close 1001>"}));
  EXPECT_EQ(types(b->read()), (list{"disconnect", "<close 1001>"}));
}

} // namespace
} // namespace troupe::test
