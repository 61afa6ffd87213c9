// Signals: told to the others, kept by nobody, and dropped first for who does not keep up.
//
//   where         a room, a topic, the one room a connection is in
//   refused       not in it, muted, no right to publish, too long, too many
//   the reader    keeps up, is slow, is still sent what it missed, leaves
#include "conversation.hpp"
#include "staffed_server.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct signalling : conversation {
  explicit signalling(options how = {}) : conversation(std::move(how)) {}

  client member(const std::string& room, const std::string& user = {}) {
    auto who = connect({.user = user, .room = room});
    run();
    who->read();
    return who;
  }
  client subscriber(const std::string& topic) {
    auto who = connect();
    says(who, {{"type", "subscribe"}, {"topic", topic}});
    return who;
  }
  std::vector<json> signals(client& who, const json& data, json frame = json::object()) {
    frame["type"] = "signal";
    frame["data"] = data;
    return says(who, frame);
  }
  std::uint64_t dropped(signal_drop why) const {
    std::uint64_t sum = 0;
    for (const auto& loop : metrics.loops())
      sum += loop.signals_dropped.value(static_cast<std::size_t>(why));
    return sum;
  }
};

TEST(signals, go_to_the_others_of_a_room_and_say_whose_they_are) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    signalling server({.seed = seed, .loops = 2, .rooms_on_loops = true});
    auto ann = server.member("r", "Ann");
    auto bob = server.member("r"), cid = server.member("r"), eve = server.member("other");
    heard(ann), heard(bob);
    EXPECT_TRUE(server.signals(ann, {{"typing", true}}, {{"id", 1}}).empty()) << "not to oneself";
    for (auto* each : {&bob, &cid}) {
      const auto got = only(*each);
      EXPECT_EQ(got.at("type"), "signal");
      EXPECT_EQ(got.at("room"), "r");
      EXPECT_EQ(got.at("data"), (json{{"typing", true}}));
      EXPECT_EQ(got.at("user"), "Ann");
      EXPECT_EQ(got.at("from"), server.settings.public_id(ann->id()));
      EXPECT_TRUE(got.contains("timestamp"));
      for (const auto* absent : {"offset", "id", "user_id", "topic", "epoch"})
        EXPECT_FALSE(got.contains(absent)) << absent;
    }
    EXPECT_TRUE(heard(eve).empty());
  }
}

TEST(signals, go_to_the_others_of_a_topic) {
  signalling server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.subscriber("t"), bob = server.subscriber("t");
  EXPECT_TRUE(server.signals(ann, 1, {{"topic", "t"}}).empty());
  const auto got = only(bob);
  EXPECT_EQ(got.at("topic"), "t");
  EXPECT_EQ(got.at("user"), "Anonymous");
  EXPECT_FALSE(got.contains("room"));
  EXPECT_TRUE(server.signals(bob, 2, {{"topic", "t"}, {"user", "Bob"}}).empty());
  EXPECT_EQ(only(ann).at("user"), "Bob");
}

TEST(signals, of_a_user_with_a_token_say_so) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r"), ben = server.enter(nullptr, "r");
  heard(ann), heard(ben);
  server.say(ann, {{"type", "signal"}, {"data", 1}, {"user", "ben"}});
  const auto got = only(ben);
  EXPECT_EQ(got.at("user_id"), "ann");
  EXPECT_NE(got.at("user"), "ben") << "a token's name is not the client's to change";
}

TEST(signals, have_no_number_and_are_not_kept) {
  signalling server;
  auto ann = server.member("r"), bob = server.member("r");
  heard(ann);
  server.says(ann, {{"type", "message"}, {"message", "a"}});
  server.signals(ann, 1);
  server.says(ann, {{"type", "message"}, {"message", "b"}});
  const auto got = heard(bob);
  ASSERT_EQ(types(got), (list{"message", "signal", "message"}));
  EXPECT_EQ(got[0].at("offset"), 1);
  EXPECT_EQ(got[2].at("offset"), 2);
  const auto page = server.says(bob, {{"type", "history"}, {"room", "r"}});
  EXPECT_EQ(types(page.at(0).at("messages")), (list{"message", "message"}));
}

TEST(signals, without_a_room_go_to_the_one_there_is) {
  signalling server;
  auto ann = server.connect();
  server.run();
  heard(ann);
  EXPECT_EQ(server.signals(ann, 1, {{"id", 1}}).at(0).at("code"), "not_in_room");
  server.says(ann, {{"type", "join"}, {"room", "r"}});
  EXPECT_TRUE(server.signals(ann, 1).empty());
  server.says(ann, {{"type", "join"}, {"room", "s"}});
  const auto refused = server.signals(ann, 1, {{"id", "x"}}).at(0);
  EXPECT_EQ(refused.at("code"), "bad_request");
  EXPECT_EQ(refused.at("id"), "x") << "an error has the id";
}

TEST(signals, are_for_those_who_are_there) {
  signalling server;
  auto ann = server.connect();
  server.run();
  heard(ann);
  const auto room = server.signals(ann, 1, {{"room", "r"}, {"id", 1}}).at(0);
  EXPECT_EQ(room.at("code"), "not_in_room");
  EXPECT_EQ(room.at("room"), "r");
  const auto topic = server.signals(ann, 1, {{"topic", "t"}, {"id", 2}}).at(0);
  EXPECT_EQ(topic.at("code"), "bad_request");
  EXPECT_EQ(topic.at("topic"), "t");
  EXPECT_EQ(topic.at("id"), 2);
}

TEST(signals, need_the_right_to_publish) {
  signalling server;
  auto ann = server.member("r"), bob = server.member("r");
  server.says(ann, {{"type", "subscribe"}, {"topic", "t"}});
  heard(ann), heard(bob);
  server.change([](live_settings& next) {
    auto rule = open_to_all();
    rule.grants[static_cast<std::size_t>(action::publish)].general = grant::to::nobody;
    next.access = access_rules({rule});
  });
  for (const auto* where : {"room", "topic"}) {
    const auto got = server.signals(ann, 1, {{where, where == std::string("room") ? "r" : "t"}});
    ASSERT_EQ(got.size(), 1u) << where;
    EXPECT_EQ(got[0].at("code"), "insufficient_permissions") << where;
  }
  EXPECT_TRUE(heard(bob).empty());
}

TEST(signals, of_who_is_muted_are_not_passed_on) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r"), ben = server.enter(person("ben"), "r");
  server.result(admin::mute{"r", {"ann", {}}, 60s});
  heard(ann), heard(ben);
  server.say(ann, {{"type", "signal"}, {"data", 1}, {"id", 3}});
  const auto got = only(ann);
  EXPECT_EQ(got.at("code"), "insufficient_permissions");
  EXPECT_EQ(got.at("retry_after_ms"), 60'000);
  EXPECT_EQ(got.at("room"), "r");
  EXPECT_EQ(got.at("id"), 3);
  EXPECT_TRUE(heard(ben).empty());
}

TEST(signals, have_a_size_of_their_own) {
  stage::options how;
  how.bounds.signal_bytes_max = 10;
  signalling server(how);
  auto ann = server.member("r"), bob = server.member("r");
  heard(ann);
  EXPECT_TRUE(server.signals(ann, "12345678").empty());
  EXPECT_EQ(server.signals(ann, "123456789").at(0).at("code"), "limit_exceeded");
  EXPECT_EQ(only(bob).at("data"), "12345678");
}

TEST(signals, have_a_rate_of_their_own_and_one_beyond_it_takes_a_message) {
  stage::options how;
  how.heartbeat = 1h;
  how.bounds.signals_per_minute = 60;
  how.bounds.signals_burst = 2;
  how.bounds.messages_per_minute = 60;
  how.bounds.messages_burst = 3;
  how.bounds.rate_refusals_max = 2;
  signalling server(how);
  auto ann = server.member("r"), bob = server.member("r");
  heard(ann);
  EXPECT_TRUE(server.signals(ann, 1).empty());
  EXPECT_TRUE(server.signals(ann, 2).empty());
  const auto told = server.signals(ann, 3, {{"id", 3}}).at(0);
  EXPECT_EQ(told.at("code"), "rate_limited");
  EXPECT_EQ(told.at("retry_after_ms"), 1000);
  EXPECT_EQ(told.at("id"), 3);
  EXPECT_EQ(types(heard(bob)), (list{"signal", "signal"}));
  EXPECT_EQ(server.dropped(signal_drop::rate_limited), 1u);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(types(server.says(ann, {{"type", "ping"}})), list{"pong"}) << "two of three are left";
  EXPECT_EQ(types(server.says(ann, {{"type", "ping"}})), list{"error"});
  server.pass(1s);
  EXPECT_TRUE(server.signals(ann, 4).empty());
  EXPECT_EQ(types(server.says(ann, {{"type", "ping"}})), list{"pong"}) << "a signal took none";
  for (int i = 0; i < 10; ++i)
    ann->say(R"({"type":"signal","data":1})");
  server.run();
  EXPECT_TRUE(ann->leaving()) << "a flood ends";
}

TEST(signals, never_make_a_reader_slow) {
  stage::options how;
  how.bounds.outbox_bytes_max = 4000;
  how.bounds.signals_per_minute = 0;
  signalling server(how);
  auto ann = server.member("r"), bob = server.member("r"), cid = server.member("r");
  heard(ann), heard(bob);
  bob->stall();
  for (int i = 0; i < 200; ++i)
    server.signals(ann, std::string(100, 'x'));
  EXPECT_LE(bob->waiting_bytes(), 2000u);
  EXPECT_EQ(heard(cid).size(), 200u) << "who reads gets them all";
  EXPECT_GT(server.dropped(signal_drop::slow_reader), 190u);
  // What is said waits; a signal that came before it has given way.
  for (int i = 0; i < 10; ++i)
    server.says(ann, {{"type", "message"}, {"message", std::string(200, 'm')}});
  EXPECT_FALSE(bob->leaving());
  bob->resume();
  server.run();
  const auto got = heard(bob);
  std::uint64_t stands = 0;
  for (const auto& frame : got) {
    ASSERT_EQ(frame.at("type"), "message") << "no gap";
    EXPECT_EQ(frame.at("offset"), ++stands);
  }
  EXPECT_EQ(stands, 10u);
  server.signals(ann, 1);
  EXPECT_EQ(only(bob).at("type"), "signal") << "it keeps up again";
}

TEST(signals, give_way_to_what_is_said_before_a_reader_is_too_slow) {
  stage::options how;
  how.bounds.outbox_bytes_max = 4000;
  how.bounds.signals_per_minute = 0;
  signalling server(how);
  auto ann = server.member("r"), bob = server.member("r");
  heard(ann);
  for (int i = 0; i < 8; ++i)
    ann->say(R"({"type":"signal","data":")" + std::string(100, 'x') + R"("})");
  bob->stall();
  server.run(); // they wait, and nothing has been taken
  EXPECT_EQ(bob->waiting_bytes(), 0u);
  EXPECT_EQ(server.dropped(signal_drop::slow_reader), 8u);
  EXPECT_FALSE(bob->leaving());
}

TEST(signals, are_not_for_who_is_still_sent_what_it_missed) {
  signalling server;
  auto ann = server.member("r"), cid = server.member("r");
  const auto hello = [&] {
    auto bob = server.connect({.room = "r"});
    server.run();
    auto first = heard(bob).front();
    bob->vanish();
    server.run();
    return first;
  }();
  for (int i = 0; i < 100; ++i)
    server.says(ann, {{"type", "message"}, {"message", i}});
  auto bob = server.connect({.room = "r", .since = position{hello["epoch"], 0}});
  bob->stall();
  server.run();
  heard(cid);
  server.signals(ann, 1);
  EXPECT_EQ(only(cid).at("type"), "signal");
  EXPECT_EQ(server.dropped(signal_drop::replaying), 1u);
  bob->resume();
  server.run();
  EXPECT_EQ(heard(bob).size(), 101u);
  server.signals(ann, 2);
  EXPECT_EQ(only(bob).at("data"), 2);
}

TEST(signals, are_not_told_to_the_tap) {
  signalling server;
  std::size_t told = 0;
  server.observers.tap = [&](const tapped_event&) { ++told; };
  auto ann = server.member("r"), bob = server.member("r");
  heard(ann);
  const auto before = told;
  server.signals(ann, 1);
  EXPECT_EQ(only(bob).at("type"), "signal");
  EXPECT_EQ(told, before);
}

TEST(signals, cost_a_connection_nothing_until_it_sends_one) {
  signalling server;
  auto ann = server.member("r");
  EXPECT_TRUE(server.signals(ann, 1).empty()) << "nobody else is there, and it is no error";
}

} // namespace
} // namespace troupe::test
