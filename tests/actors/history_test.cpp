// What is kept of what was said, and who may read and delete it.
#include "heard.hpp"
#include "staffed_server.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

client comes(stage& server) {
  auto who = server.connect();
  server.run();
  who->read();
  return who;
}

json asks(stage& server, client& who, const json& frame) {
  who->read(); // heartbeats
  who->say(frame.dump());
  server.run();
  const auto got = heard(who);
  return got.empty() ? json() : got.back();
}

void post_to(stage& server, audience_kind kind, const std::string& name, int count) {
  for (int i = 0; i < count; ++i)
    caf::anon_send(server.routes.directory, post{kind, name, "u", {}, {}, std::to_string(i + 1)});
  server.run();
}

TEST(kept_history, is_found_on_whatever_loop_it_is) {
  stage server({.loops = 4, .rooms_on_loops = true});
  auto ann = comes(server);
  for (const auto* room : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    post_to(server, audience_kind::room, room, 1);
    EXPECT_EQ(asks(server, ann, {{"type", "history"}, {"room", room}})["type"], "history") << room;
  }
}

TEST(kept_history, a_room_has_one_by_default_and_a_topic_has_none) {
  stage server;
  post_to(server, audience_kind::room, "r", 3);
  post_to(server, audience_kind::topic, "t", 3);
  auto ann = comes(server);
  const auto room = asks(server, ann, {{"type", "history"}, {"room", "r"}, {"id", 1}});
  EXPECT_EQ(room["type"], "history");
  EXPECT_EQ(room["room"], "r");
  EXPECT_EQ(room["offset"], 3);
  EXPECT_EQ(room["more"], false);
  EXPECT_EQ(room["id"], 1);
  ASSERT_EQ(room["messages"].size(), 3u);
  EXPECT_EQ(room["messages"][0]["type"], "message");
  EXPECT_EQ(room["messages"][0]["message"], 1);
  EXPECT_EQ(room["messages"][0]["offset"], 1);
  const auto topic = asks(server, ann, {{"type", "history"}, {"topic", "t"}});
  EXPECT_EQ(topic["messages"].size(), 0u);
  EXPECT_EQ(topic["offset"], 3);
}

TEST(kept_history, is_read_in_pages_both_ways) {
  stage server;
  post_to(server, audience_kind::room, "r", 10);
  auto ann = comes(server);
  const auto page = [&](json more) {
    more.update({{"type", "history"}, {"room", "r"}, {"limit", 3}});
    const auto got = asks(server, ann, more);
    std::string out;
    for (const auto& each : got["messages"])
      out += std::to_string(each["offset"].get<int>()) + " ";
    return out + (got["more"] ? "..." : ".");
  };
  EXPECT_EQ(page(json::object()), "8 9 10 ...");
  EXPECT_EQ(page({{"before", 8}}), "5 6 7 ...");
  EXPECT_EQ(page({{"before", 2}}), "1 .");
  EXPECT_EQ(page({{"after", 7}}), "8 9 10 .");
}

TEST(kept_history, bad_questions_are_told_what_is_wrong) {
  stage server;
  auto ann = comes(server);
  for (const auto& [frame, text] : std::vector<std::pair<json, std::string>>{
         {{{"room", "r"}, {"topic", "t"}}, "One of 'room' and 'topic' is required"},
         {json::object(), "One of 'room' and 'topic' is required"},
         {{{"room", "r"}, {"limit", 0}}, "'limit' must be an integer from 1 to 1000"},
         {{{"room", "r"}, {"limit", 1001}}, "'limit' must be an integer from 1 to 1000"},
         {{{"room", "r"}, {"before", -1}},
          "'before' must be an integer from 0 to 18446744073709551615"},
         {{{"room", "r"}, {"before", 1}, {"after", 1}}, "'before' and 'after' exclude each other"},
         {{{"room", "r"}}, "No such room"}}) {
    json asked = frame;
    asked["type"] = "history";
    EXPECT_EQ(asks(server, ann, asked)["message"], text) << frame;
  }
}

TEST(kept_history, needs_a_permission_of_its_own) {
  stage server;
  server.change([](live_settings& next) {
    namespace_rule all;
    all.patterns = {">"};
    for (const auto what : {action::join, action::subscribe})
      all.grants[static_cast<std::size_t>(what)].general = grant::to::anyone;
    next.access = access_rules({all});
  });
  post_to(server, audience_kind::room, "r", 1);
  auto ann = comes(server);
  const auto got = asks(server, ann, {{"type", "history"}, {"room", "r"}});
  EXPECT_EQ(got["code"], "insufficient_permissions");
  EXPECT_EQ(got["room"], "r");
}

TEST(kept_history, outlives_the_actor_and_ends_with_its_age) {
  stage server;
  post_to(server, audience_kind::room, "r", 2);
  server.pass(5min);
  EXPECT_EQ(server.metrics.rooms, 0u);
  auto ann = comes(server);
  EXPECT_EQ(asks(server, ann, {{"type", "history"}, {"room", "r"}})["messages"].size(), 2u);
  server.pass(5min + 30s);
  ann = comes(server); // the first has not answered its heartbeats
  const auto aged = asks(server, ann, {{"type", "history"}, {"room", "r"}});
  EXPECT_EQ(aged["messages"].size(), 0u);
  EXPECT_EQ(aged["offset"], 2) << "who has seen all has missed nothing";
  server.pass(2min);
  ann = comes(server);
  EXPECT_EQ(asks(server, ann, {{"type", "history"}, {"room", "r"}})["code"], "not_found");
  EXPECT_EQ(server.metrics.history_bytes.load(), 0u);
}

TEST(kept_history, keeps_what_comes_over_the_bus_though_nobody_is_there) {
  stage server;
  server.change([](live_settings& next) { next.topic_history = {10, 1 << 20, 1min}; });
  for (const auto to : {bridge_target::topic, bridge_target::room}) {
    bridged event;
    event.to = to;
    event.name = "n";
    event.type = "order";
    event.members = R"(,"data":1)";
    caf::anon_send(server.routes.directory, std::move(event));
  }
  server.run();
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 0u);
  auto ann = comes(server);
  for (const auto* kind : {"topic", "room"}) {
    const auto got = asks(server, ann, {{"type", "history"}, {kind, "n"}});
    ASSERT_EQ(got["messages"].size(), 1u) << kind;
    EXPECT_EQ(got["messages"][0]["type"], "order");
    EXPECT_EQ(got["messages"][0]["data"], 1);
  }
}

TEST(kept_history, greets_who_comes_with_the_last_messages) {
  stage server;
  server.change([](live_settings& next) {
    namespace_rule all;
    all.patterns = {">"};
    for (auto& each : all.grants)
      each.general = grant::to::anyone;
    all.greet = 2;
    next.access = access_rules({all});
  });
  post_to(server, audience_kind::room, "r", 3);
  auto ann = server.connect({.room = "r"});
  server.run();
  const auto got = heard(ann);
  ASSERT_EQ(types(got), (list{"connection", "history"}));
  EXPECT_EQ(got[1]["messages"].size(), 2u);
  EXPECT_EQ(got[1]["messages"][0]["offset"], 2);
  EXPECT_EQ(got[1]["more"], true);
  auto back = server.connect({.room = "r", .since = position{got[0]["epoch"], 1}});
  server.run();
  EXPECT_EQ(types(heard(back)), (list{"connection", "message", "message"}))
    << "who gets what it missed needs no greeting";
}

TEST(kept_history, a_msg_id_is_known_though_the_actor_has_gone) {
  stage::options how;
  how.bounds.topic_idle_timeout = 1s;
  stage server(how);
  server.change([](live_settings& next) { next.topic_history = {10, 1 << 20, 10min}; });
  const auto as_ann = [&server] {
    auto who = server.connect({.who = person("ann")});
    server.run();
    return who;
  };
  auto ann = as_ann();
  const json frame{{"type", "publish"}, {"topic", "t"}, {"data", 1}, {"msg_id", "m"}};
  EXPECT_EQ(asks(server, ann, frame)["offset"], 1);
  server.pass(30s);
  EXPECT_EQ(server.metrics.topics, 0u);
  EXPECT_EQ(asks(server, ann, frame)["offset"], 1);
  server.pass(2min);
  ann = as_ann();
  EXPECT_EQ(asks(server, ann, frame)["offset"], 2) << "its window is over";
}

} // namespace
} // namespace troupe::test
