// A message that is said again with the same id, on every way in: it is not said twice, and the
// second is told the place of the first.
//
//   ways          a frame of a client, the server-side API, a service, a rule
//   the same      id and sender: a user, a session, or all callers and services together
//   another       content, sender, name, time
#include "heard.hpp"
#include "scripted_bus.hpp"
#include "staffed_server.hpp"
#include "troupe/bus/bridge.hpp"
#include "troupe/bus/bus_service.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

bridge_rule rule_to(bridge_target to, std::string_view name) {
  bridge_rule rule{"in"};
  rule.to = to;
  rule.name = bridge_template::parse(name).value();
  return rule;
}

struct every_way : staffed_server {
  every_way() : staffed_server({.loops = 2, .heartbeat = 1h}) {
    routes.bus = spawn_scripted_bus(system(), bus);
    desk = spawn_placed<bus_service>(system(), nullptr, context, routes.bus, service::self{});
    auto& counts = metrics.bridge.rules;
    for (const auto to : {bridge_target::topic, bridge_target::room})
      rules.push_back(
        spawn_placed<bridge>(system(), nullptr, context,
                             plan_of(rule_to(to, to == bridge_target::topic ? "t" : "r"), bounds()),
                             counts.emplace_back("in")));
    listener = enter(nullptr, "r");
    say(listener, {{"type", "subscribe"}, {"topic", "t"}});
    heard(listener);
  }
  ~every_way() {
    caf::anon_send_exit(desk, caf::exit_reason::user_shutdown);
    for (const auto& each : rules)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    run();
    desk = nullptr;
    rules.clear();
    bus = {};
    caf::anon_send_exit(routes.bus, caf::exit_reason::user_shutdown);
    run();
    routes.bus = nullptr;
  }

  json service(const std::string& method, const json& arguments, const std::string& msg_id) {
    bus.published.clear();
    bus_message asked{"troupe.rpc." + method, arguments.dump(), "_INBOX.x", {}};
    asked.msg_id = msg_id;
    caf::anon_send(desk, std::move(asked));
    run();
    return bus.published.empty() ? json() : json::parse(bus.published.back().payload);
  }
  void event(audience_kind kind, const std::string& msg_id, const std::string& payload = "{}") {
    bus_message event{"in", payload, {}, {}};
    event.msg_id = msg_id;
    caf::anon_send(rules[kind == audience_kind::topic ? 0 : 1], std::move(event));
    run();
  }

  scripted_bus bus;
  bus_listener_actor desk;
  std::vector<bus_listener_actor> rules; // for the topic and for the room
  client listener;
};

constexpr audience_kind both[] = {audience_kind::topic, audience_kind::room};

std::string name_of(audience_kind kind) {
  return kind == audience_kind::topic ? "t" : "r";
}

TEST(idempotency, callers_and_services_share_their_ids) {
  for (const auto kind : both) {
    every_way server;
    const auto first = server.calls(
      {.kind = kind, .name = name_of(kind), .user = "server", .msg_id = "m", .content = "1"});
    ASSERT_TRUE(first.result);
    const auto method = kind == audience_kind::topic ? "send_to_topic" : "send_to_room";
    const json arguments{{kind == audience_kind::topic ? "topic" : "room", name_of(kind)},
                         {"message", 1}};
    const auto again = server.service(method, arguments, "m");
    EXPECT_EQ(again["result"]["offset"], first.result->offset);
    EXPECT_EQ(again["result"]["epoch"], first.result->epoch);
    server.event(kind, "m");
    EXPECT_EQ(heard(server.listener).size(), 1u);
    EXPECT_EQ(server.metrics.bridge.repeated.value(), 1u);
    // A client's are its own.
    auto ann = server.enter(nullptr, kind == audience_kind::room ? "r" : "");
    heard(server.listener);
    server.say(ann, {{"type", kind == audience_kind::topic ? "publish" : "message"},
                     {"topic", "t"},
                     {"data", 1},
                     {"message", 1},
                     {"msg_id", "m"}});
    EXPECT_EQ(heard(server.listener).size(), 1u);
  }
}

TEST(idempotency, an_event_said_again_is_not_passed_on) {
  for (const auto kind : both) {
    every_way server;
    for (const auto* id : {"a", "a", "b", "", ""})
      server.event(kind, id);
    const auto got = heard(server.listener);
    ASSERT_EQ(got.size(), 4u);
    EXPECT_EQ(got.back().at("offset"), 4) << "and no number is missing";
    EXPECT_EQ(server.metrics.bridge.repeated.value(), 1u);
    const auto told = server.calls(
      {.kind = kind, .name = name_of(kind), .user = "server", .msg_id = "b", .content = "2"});
    EXPECT_EQ(told.result->offset, 2u) << "of an event only the id is known";
    server.pass(2min);
    server.event(kind, "a");
    EXPECT_EQ(heard(server.listener).size(), 1u) << "the window is over";
  }
}

TEST(idempotency, an_event_with_too_long_an_id_is_skipped) {
  every_way server;
  server.event(audience_kind::topic, std::string(server.bounds().id_bytes_max, 'x'));
  server.event(audience_kind::topic, std::string(server.bounds().id_bytes_max + 1, 'x'));
  EXPECT_EQ(heard(server.listener).size(), 1u);
  EXPECT_EQ(
    server.metrics.bridge.rules[0].skipped.value(static_cast<std::size_t>(bridge_error::msg_id)),
    1u);
}

TEST(idempotency, an_id_is_for_one_message) {
  for (const auto kind : both) {
    every_way server;
    const post first{.kind = kind,
                     .name = name_of(kind),
                     .user = "server",
                     .event = {},
                     .msg_id = "m",
                     .content = R"({"a":1})"};
    const auto got = server.calls(first);
    ASSERT_TRUE(got.result);
    heard(server.listener);
    auto another = first;
    another.content = R"({"a":2})";
    const auto refused = server.calls(another);
    ASSERT_FALSE(refused.result);
    EXPECT_EQ(refused.result.error().code, errc::msg_id_reused);
    auto other_words = first;
    (kind == audience_kind::topic ? other_words.event : other_words.user) = "other";
    EXPECT_FALSE(server.calls(other_words).result);
    EXPECT_TRUE(heard(server.listener).empty());
    EXPECT_EQ(server.calls(first).result->offset, got.result->offset) << "it is still known";
    server.pass(2min);
    EXPECT_TRUE(server.calls(another).result) << "the window is over";
  }
}

TEST(idempotency, a_service_names_its_id_in_one_place_or_twice_the_same) {
  every_way server;
  const json arguments{{"topic", "t"}, {"message", 1}, {"msg_id", "m"}};
  const auto first = server.service("send_to_topic", arguments, "m");
  EXPECT_EQ(first["success"], true);
  EXPECT_EQ(server.service("send_to_topic", arguments, "")["result"], first["result"]);
  const auto different = server.service("send_to_topic", arguments, "n");
  EXPECT_EQ(different["code"], "bad_request");
  EXPECT_EQ(different["error"], "'msg_id' and 'Nats-Msg-Id' are not the same");
  const auto reused = server.service("send_to_topic", {{"topic", "t"}, {"message", 2}}, "m");
  EXPECT_EQ(reused["code"], "msg_id_reused");
  const auto long_one =
    server.service("send_to_topic", {{"topic", "t"}, {"message", 2}}, std::string(129, 'x'));
  EXPECT_EQ(long_one["code"], "bad_request");
}

TEST(idempotency, who_said_it_decides_whose_id_it_is) {
  every_way server;
  const json said{{"type", "publish"}, {"topic", "t"}, {"data", 1}, {"msg_id", "m"}};
  auto ann = server.enter(person("ann")), tab = server.enter(person("ann"));
  auto ben = server.enter(nullptr), eve = server.enter(nullptr);
  for (auto* each : {&ann, &tab, &ben, &eve})
    server.say(*each, said);
  EXPECT_EQ(heard(server.listener).size(), 3u) << "a user's tabs are one sender";
  auto back = server.connect({.sender = ben->id().value});
  server.run();
  heard(back);
  server.say(back, said);
  EXPECT_EQ(heard(back).back().at("offset"), 2) << "by the session of an earlier connection";
  EXPECT_TRUE(heard(server.listener).empty());
}

} // namespace
} // namespace troupe::test
