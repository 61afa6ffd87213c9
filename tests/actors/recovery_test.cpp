// Who comes back asks for what it missed, and gets exactly that, or is told that it can't have it.
//
//   of            a topic, a room, a room by its path; several topics at once
//   missed        nothing; some; more than is kept; more than is sent again; another epoch
//   meanwhile     others say more; the actor retires; the reader is slow, stalls, goes again
#include "conversation.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <map>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct remembering : conversation {
  explicit remembering(options how = {}) : conversation(std::move(how)) {
    change([](live_settings& next) { next.topic_history = {100, 256 * 1024, 10min}; });
  }

  client comes() {
    auto who = connect();
    run();
    who->read();
    return who;
  }
  // Subscribes, and has seen this much.
  std::vector<json> returns(client& who, const std::string& topic, const json& seen) {
    return says(who, {{"type", "subscribe"}, {"topic", topic}, {"recover", {{topic, seen}}}});
  }
  json position_of(const std::string& topic) {
    auto who = comes();
    return says(who, {{"type", "subscribe"}, {"topic", topic}}).front()["positions"][topic];
  }
  void publish(const std::string& topic, int count, const std::string& data = "1") {
    for (int i = 0; i < count; ++i)
      caf::anon_send(routes.directory, post{audience_kind::topic, topic, {}, {}, {}, data});
    run();
  }
};

json at(const json& position, std::uint64_t offset) {
  return {{"epoch", position.at("epoch")}, {"offset", offset}};
}

std::vector<std::uint64_t> offsets(const std::vector<json>& frames) {
  std::vector<std::uint64_t> out;
  for (const auto& each : frames)
    if (each["type"] != "subscribed" && each.contains("offset"))
      out.push_back(each["offset"]);
  return out;
}

using numbers = std::vector<std::uint64_t>;

TEST(recovery, brings_what_was_missed_behind_the_answer_as_it_was_sent) {
  remembering server;
  auto ann = server.comes();
  server.says(ann, {{"type", "subscribe"}, {"topic", "a"}});
  server.publish("a", 3);
  const auto first = heard(ann);
  auto back = server.comes();
  auto got = server.returns(back, "a", at(server.position_of("a"), 1));
  ASSERT_EQ(got.size(), 3u);
  const auto& told = got.front()["positions"]["a"];
  EXPECT_EQ(told["recovered"], true);
  EXPECT_EQ(told["offset"], 1);
  EXPECT_EQ(told["top"], 3);
  EXPECT_EQ(got[1], first[1]);
  EXPECT_EQ(got[2], first[2]);
  server.publish("a", 1);
  EXPECT_EQ(offsets(heard(back)), numbers{4});
}

TEST(recovery, of_nothing_missed_is_true) {
  remembering server;
  server.publish("a", 2);
  auto back = server.comes();
  const auto got = server.returns(back, "a", at(server.position_of("a"), 2));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["positions"]["a"]["recovered"], true);
}

TEST(recovery, what_is_not_known_any_more_is_said_to_be_so) {
  stage::options how;
  how.bounds.history_recover_max = 10;
  remembering server(how);
  server.publish("a", 20);
  const auto stands = server.position_of("a");
  for (const auto& [seen, why] : std::vector<std::pair<json, std::string>>{
         {at(stands, 5), "more than is sent again"},
         {at(stands, 21), "ahead of it"},
         {{{"epoch", "another"}, {"offset", 19}}, "another epoch"}}) {
    auto back = server.comes();
    const auto got = server.returns(back, "a", seen);
    ASSERT_EQ(got.size(), 1u) << why;
    EXPECT_EQ(got[0]["positions"]["a"]["recovered"], false) << why;
    EXPECT_EQ(got[0]["positions"]["a"]["offset"], 20) << why;
    EXPECT_FALSE(got[0]["positions"]["a"].contains("top")) << why;
  }
}

TEST(recovery, what_has_aged_is_not_known_any_more) {
  remembering server;
  server.publish("a", 1);
  const auto stands = server.position_of("a");
  server.pass(9min);
  server.publish("a", 1);
  server.pass(2min);
  auto back = server.comes();
  EXPECT_EQ(server.returns(back, "a", at(stands, 0))[0]["positions"]["a"]["recovered"], false);
  auto other = server.comes();
  EXPECT_EQ(offsets(server.returns(other, "a", at(stands, 1))), numbers{2});
}

TEST(recovery, reaches_over_the_end_of_the_actor) {
  remembering server;
  server.publish("a", 2);
  const auto stands = server.position_of("a");
  server.pass(3min); // its subscriber is gone, and nobody comes
  EXPECT_EQ(server.metrics.topics, 0u);
  server.publish("a", 1);
  auto back = server.comes();
  EXPECT_EQ(offsets(server.returns(back, "a", at(stands, 1))), (numbers{2, 3}));
}

TEST(recovery, a_name_without_history_forgets_with_its_actor) {
  stage server;
  auto ann = server.connect();
  ann->say(R"({"type":"subscribe","topic":"a"})");
  server.run();
  const auto first = heard(ann).back()["positions"]["a"]["epoch"];
  ann->close();
  server.pass(3min);
  auto bob = server.connect();
  bob->say(R"({"type":"subscribe","topic":"a"})");
  server.run();
  EXPECT_NE(heard(bob).back()["positions"]["a"]["epoch"], first);
}

TEST(recovery, of_a_room_by_join_and_by_path) {
  stage server;
  auto ann = server.connect({.room = "r"});
  auto bob = server.connect({.room = "r"});
  server.run();
  const auto hello = heard(bob).front();
  for (int i = 0; i < 3; ++i)
    ann->say(R"({"type":"message","message":"hi"})");
  server.run();
  const auto said = heard(bob);
  bob->vanish();
  server.run();
  const position seen{hello["epoch"], 1};
  auto by_path = server.connect({.room = "r", .since = seen});
  server.run();
  auto got = heard(by_path);
  ASSERT_EQ(types(got), (list{"connection", "message", "message"}));
  EXPECT_EQ(got[0]["recovered"], true);
  EXPECT_EQ(got[0]["offset"], 1);
  EXPECT_EQ(got[0]["top"], 3);
  EXPECT_EQ(got[2], said.back());
  auto by_join = server.connect();
  by_join->say(
    json{{"type", "join"}, {"room", "r"}, {"recover", {{"epoch", seen.epoch}, {"offset", 2}}}}
      .dump());
  server.run();
  got = heard(by_join);
  ASSERT_EQ(types(got), (list{"connection", "joined", "message"}));
  EXPECT_EQ(got[1]["recovered"], true);
  EXPECT_EQ(got[2], said.back());
}

TEST(recovery, who_does_not_ask_sees_no_new_field) {
  stage server;
  auto ann = server.connect({.room = "r"});
  ann->say(R"({"type":"join","room":"other"})");
  server.run();
  const auto got = heard(ann);
  for (const auto& frame : got) {
    EXPECT_FALSE(frame.contains("recovered")) << frame;
    EXPECT_FALSE(frame.contains("top")) << frame;
  }
}

TEST(recovery, is_not_for_who_listens_already) {
  remembering server;
  server.publish("a", 3);
  auto ann = server.comes();
  server.says(ann, {{"type", "subscribe"}, {"topic", "a"}});
  const auto stands = server.position_of("a");
  EXPECT_EQ(server.returns(ann, "a", at(stands, 1))[0]["positions"]["a"]["recovered"], false);
  const auto same = server.returns(ann, "a", at(stands, 3));
  ASSERT_EQ(same.size(), 1u);
  EXPECT_EQ(same[0]["positions"]["a"]["recovered"], true);
}

TEST(recovery, of_several_topics_each_goes_its_way) {
  remembering server;
  server.publish("a", 3);
  server.publish("b", 2);
  auto back = server.comes();
  const auto got = server.says(
    back,
    {{"type", "subscribe"},
     {"topics", {"a", "b", "c"}},
     {"recover", {{"a", at(server.position_of("a"), 1)}, {"b", {{"epoch", "x"}, {"offset", 1}}}}}});
  ASSERT_EQ(types(got), (list{"subscribed", "publication", "publication"}));
  EXPECT_EQ(got[0]["positions"]["a"]["recovered"], true);
  EXPECT_EQ(got[0]["positions"]["b"]["recovered"], false);
  EXPECT_EQ(got[0]["positions"]["c"]["recovered"], false);
}

TEST(recovery, a_slow_reader_catches_up_and_its_other_topics_go_on) {
  remembering server;
  server.publish("a", 50);
  auto back = server.comes();
  server.says(back, {{"type", "subscribe"}, {"topic", "live"}});
  back->stall();
  back->say(json{
    {"type", "subscribe"}, {"topic", "a"}, {"recover", {{"a", at(server.position_of("a"), 0)}}}}
              .dump());
  server.run();
  server.publish("a", 5);
  server.publish("live", 1);
  EXPECT_LT(back->waiting_frames(), 40u) << "it waits in the run, not in the outbox";
  back->resume();
  server.run();
  numbers of_a;
  bool live = false;
  for (const auto& frame : heard(back)) {
    if (frame.value("topic", "") == "a")
      of_a.push_back(frame["offset"]);
    live |= frame.value("topic", "") == "live";
  }
  ASSERT_EQ(of_a.size(), 55u);
  for (std::size_t i = 0; i < of_a.size(); ++i)
    EXPECT_EQ(of_a[i], i + 1);
  EXPECT_TRUE(live);
}

TEST(recovery, who_takes_nothing_for_too_long_is_closed) {
  remembering server;
  server.publish("a", 90);
  auto back = server.comes();
  back->stall();
  back->say(json{
    {"type", "subscribe"}, {"topic", "a"}, {"recover", {{"a", at(server.position_of("a"), 0)}}}}
              .dump());
  server.run();
  server.pass(9s);
  EXPECT_FALSE(back->leaving());
  server.pass(3s);
  EXPECT_TRUE(back->leaving());
}

TEST(recovery, what_is_said_behind_it_has_the_bound_of_every_outbox) {
  stage::options how;
  how.bounds.outbox_bytes_max = 4096;
  for (const bool lossy : {false, true}) {
    remembering server(how);
    if (lossy)
      server.change([](live_settings& next) {
        namespace_rule all;
        all.patterns = {">"};
        for (auto& each : all.grants)
          each.general = grant::to::anyone;
        all.slow = slow_consumer::drop_oldest;
        next.access = access_rules({all});
      });
    server.publish("a", 90);
    auto back = server.comes();
    back->stall();
    back->say(json{
      {"type", "subscribe"}, {"topic", "a"}, {"recover", {{"a", at(server.position_of("a"), 0)}}}}
                .dump());
    server.run();
    server.publish("a", 60); // more than 4 KiB
    EXPECT_EQ(back->leaving(), !lossy);
    if (!lossy)
      continue;
    back->resume();
    server.run();
    std::uint64_t stands = 0;
    for (const auto& frame : heard(back)) {
      if (frame["type"] == "subscribed")
        continue;
      if (frame["type"] != "gap")
        EXPECT_EQ(frame["offset"], stands + 1);
      else
        EXPECT_EQ(frame["offset"], stands + frame["dropped"].get<std::uint64_t>());
      stands = frame["offset"];
    }
    EXPECT_EQ(stands, 150u);
  }
}

TEST(recovery, of_more_than_an_outbox_takes_has_no_hole) {
  stage::options how;
  how.bounds.outbox_bytes_max = 4096;
  remembering server(how);
  numbers all;
  for (int i = 0; i < 20;
       ++i) { // what is short would find a place behind what is long and finds none
    server.publish("a", 1, '"' + std::string(3000, 'x') + '"');
    server.publish("a", 1);
    all.insert(all.end(), {all.size() + 1, all.size() + 2});
  }
  auto back = server.comes();
  EXPECT_EQ(offsets(server.returns(back, "a", at(server.position_of("a"), 0))), all);
  EXPECT_FALSE(back->leaving()) << "it reads everything at once";
}

TEST(recovery, a_thousand_who_missed_the_same_cost_one_encoding) {
  remembering server;
  server.publish("a", 10);
  const auto seen = at(server.position_of("a"), 0);
  std::vector<client> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back(server.comes());
  const auto encodings = [&] { return server.metrics.loops().front().encodings.value(); };
  const auto before = encodings();
  for (auto& each : all)
    each->say(json{{"type", "subscribe"}, {"topic", "a"}, {"recover", {{"a", seen}}}}.dump());
  server.run();
  for (auto& each : all)
    ASSERT_EQ(heard(each).size(), 11u);
  EXPECT_EQ(encodings() - before, 10u);
}

TEST(recovery, pins_nothing_when_it_is_over) {
  remembering server;
  server.publish("a", 100);
  const auto seen = at(server.position_of("a"), 0);
  const auto before = server.metrics.history_bytes.load();
  auto slow = server.comes();
  slow->stall();
  slow->say(json{{"type", "subscribe"}, {"topic", "a"}, {"recover", {{"a", seen}}}}.dump());
  server.run();
  server.publish("a", 100);
  EXPECT_GT(server.metrics.history_bytes.load(), before) << "what it missed is still there";
  slow->vanish();
  server.run();
  EXPECT_LT(server.metrics.history_bytes.load(), before + 1000);
}

} // namespace
} // namespace troupe::test
