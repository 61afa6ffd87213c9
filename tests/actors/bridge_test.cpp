// Bridges in virtual time: events come in by rules and reach whom they are for, in order; rules
// fail alone and come back; and what clients do goes out.
#include "heard.hpp"
#include "scripted_bus.hpp"
#include "stage.hpp"
#include "troupe/bus/bridges.hpp"
#include "troupe/bus/bus_publisher.hpp"
#include "troupe/messages.hpp"

#include <caf/make_counted.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

bridge_rule to_topic(std::string subject, std::string_view topic) {
  bridge_rule rule{std::move(subject)};
  rule.name = bridge_template::parse(topic).value();
  return rule;
}

publish_rule publishing(publish_rule::source from, std::string pattern, std::string_view subject) {
  publish_rule rule;
  rule.from = from;
  rule.pattern = std::move(pattern);
  rule.subject = bridge_template::parse(subject).value();
  return rule;
}

struct bridged_server : stage {
  explicit bridged_server(options how = {}) : stage(std::move(how)) {
    routes.bus = spawn_scripted_bus(system(), bus);
  }
  ~bridged_server() {
    if (supervisor)
      caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    run();
    bus = {};
    caf::anon_send_exit(routes.bus, caf::exit_reason::user_shutdown);
    run();
    routes.bus = nullptr;
  }

  void follow(std::vector<bridge_plan_ptr> plans) {
    supervisor = spawn_placed<bridges>(system(), nullptr, context, std::move(plans));
    run();
  }
  void follow(const std::vector<bridge_rule>& rules) {
    std::vector<bridge_plan_ptr> plans;
    for (const auto& rule : rules)
      plans.push_back(plan_of(rule, bounds()));
    follow(std::move(plans));
  }

  // The newest listener of a subject.
  bus_listener_actor listener(const std::string& subject) {
    bus_listener_actor out;
    for (const auto& each : bus.listened)
      if (each.subject == subject)
        out = each.who;
    return out;
  }

  // A service publishes.
  void event(const std::string& listens, std::string subject, std::string payload, credit c = {}) {
    caf::anon_send(listener(listens),
                   bus_message{std::move(subject), std::move(payload), {}, std::move(c)});
  }

  client enter(const std::string& user = {}, std::vector<std::string> roles = {}) {
    connection::opening asked;
    if (!user.empty())
      asked.who = std::make_shared<const identity>(
        identity{user, "name of " + user, std::move(roles), {}, {}, {}});
    auto entered = connect(std::move(asked));
    run();
    entered->read();
    return entered;
  }

  void say(client& who, const json& frame) {
    who->say(frame.dump());
    run();
  }
  client subscriber(const std::string& topic) {
    auto who = enter();
    say(who, {{"type", "subscribe"}, {"topics", {topic}}});
    who->read();
    return who;
  }
  client guest(const std::string& room) {
    auto who = enter();
    say(who, {{"type", "join"}, {"room", room}});
    who->read();
    return who;
  }

  std::uint64_t skipped(std::size_t rule, bridge_error why) {
    return metrics.bridge.rules[rule].skipped.value(static_cast<std::size_t>(why));
  }

  scripted_bus bus;
  bridges_actor supervisor;
};

// What of the frames matters here.
json without_time(json frame) {
  EXPECT_TRUE(frame.contains("timestamp"));
  frame.erase("timestamp");
  return frame;
}

class bridge_test : public testing::TestWithParam<std::uint64_t> {
protected:
  static stage::options two_loops() {
    stage::options how;
    how.seed = GetParam();
    how.loops = 2;
    how.rooms_on_loops = true;
    return how;
  }
};

TEST_P(bridge_test, the_default_rules_reach_whom_they_are_for) {
  bridged_server server(two_loops());
  server.follow(default_bridge_rules());
  ASSERT_EQ(server.bus.listened.size(), 3u);
  auto orders = server.subscriber("order.update");
  auto special = server.subscriber("orders.7");
  auto payments = server.subscriber("payments");
  auto ann = server.enter("ann");
  auto ben = server.enter("ben");

  server.event("order.*", "order.created", R"({"id":7})");
  server.event("order.*", "order.paid", R"({"topic":"orders.7"})");
  server.event("payment.completed", "payment.completed", R"({"order_id":7,"amount":9.50,"x":1})");
  server.event("notification.*", "notification.sent", R"({"user_id":"ann","message":"hi"})");
  server.run();
  auto got = heard(orders);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(without_time(got[0]), json::parse(R"({"type":"order_update","topic":"order.update",
    "data":{"id":7},"from":"server","offset":1})"));
  EXPECT_EQ(heard(special).at(0)["data"]["topic"], "orders.7");
  EXPECT_EQ(without_time(heard(payments).at(0)), json::parse(R"({"type":"payment_completed",
    "topic":"payments","order_id":7,"amount":9.5,"from":"server","offset":1})"));
  EXPECT_EQ(without_time(heard(ann).at(0)), json::parse(R"({"type":"notification","message":"hi",
    "data":{"user_id":"ann","message":"hi"}})"));
  EXPECT_TRUE(heard(ben).empty());

  server.event("notification.*", "notification.sent", R"({"message":"all"})");
  server.run();
  for (auto* each : {&orders, &special, &payments, &ann, &ben})
    EXPECT_EQ(types(heard(*each)), list{"notification"});
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 0u);
  EXPECT_TRUE(server.reports.empty());
}

TEST_P(bridge_test, events_of_a_subject_keep_their_order) {
  bridged_server server(two_loops());
  server.follow({to_topic("n.*", "numbers")});
  auto first = server.subscriber("numbers");
  auto second = server.subscriber("numbers");
  constexpr int count = 500;
  for (int i = 0; i < count; ++i)
    server.event("n.*", "n.x", std::to_string(i));
  server.run();
  for (auto* each : {&first, &second}) {
    const auto got = heard(*each);
    ASSERT_EQ(got.size(), std::size_t{count});
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(got[static_cast<std::size_t>(i)]["data"], i);
      EXPECT_EQ(got[static_cast<std::size_t>(i)]["offset"], i + 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, bridge_test, testing::Values(0, 1, 2, 3));

TEST(bridge, a_room_broadcasts_what_comes_for_it) {
  bridged_server server;
  auto rule = to_topic("r.*", "lobby.{1}");
  rule.to = bridge_target::room;
  rule.type = bridge_template::parse("alarm").value();
  server.follow({rule});
  auto guest = server.guest("lobby.one");
  server.event("r.*", "r.one", R"({"n":1})");
  server.event("r.*", "r.two", R"({"n":2})");
  server.run();
  const auto got = heard(guest);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(without_time(got[0]), json::parse(R"({"type":"alarm","room":"lobby.one","data":{"n":1},
    "from":"server","offset":1})"));
  EXPECT_EQ(server.metrics.rooms.load(), 2u) << "it is kept for who comes";
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 0u);
  server.change([](live_settings& next) { next.room_history.messages = 0; });
  server.event("r.*", "r.three", R"({"n":3})");
  server.run();
  EXPECT_EQ(server.metrics.rooms.load(), 2u) << "where nothing is kept, no room is made for it";
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 1u);
}

TEST(bridge, a_role_is_everybody_who_has_it) {
  bridged_server server;
  auto rule = to_topic("r", "{data.role}");
  rule.to = bridge_target::role;
  server.follow({rule});
  auto ann = server.enter("ann", {"ops"});
  auto ben = server.enter("ben", {"ops", "dev"});
  auto eve = server.enter("eve", {"dev"});
  server.event("r", "r", R"({"role":"ops"})");
  server.event("r", "r", R"({"role":"nobody"})");
  server.run();
  EXPECT_EQ(heard(ann).size(), 1u);
  EXPECT_EQ(heard(ben).size(), 1u);
  EXPECT_TRUE(heard(eve).empty());
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 1u);
}

TEST(bridge, where_nobody_listens_nothing_is_made_and_it_is_counted) {
  bridged_server server;
  server.follow(default_bridge_rules());
  server.event("order.*", "order.x", "{}");
  server.event("notification.*", "notification.x", R"({"user_id":"ann"})");
  server.event("notification.*", "notification.x", "{}");
  server.run();
  EXPECT_EQ(server.metrics.topics.load(), 0u);
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 3u);
  auto late = server.subscriber("order.update");
  server.say(late, {{"type", "unsubscribe"}, {"topics", {"order.update"}}});
  server.event("order.*", "order.x", "{}");
  server.run();
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 4u) << "a topic that is still there";
  EXPECT_EQ(server.metrics.bridge.rules[0].forwarded.value(), 2u);
}

TEST(bridge, what_nobody_hears_keeps_nothing_alive_and_leaves_nothing_behind) {
  stage::options how;
  how.bounds.topic_idle_timeout = how.bounds.room_idle_timeout = 1s;
  bridged_server server(how);
  auto rules = default_bridge_rules();
  rules.push_back(to_topic("r", "lobby"));
  rules.back().to = bridge_target::room;
  server.follow(rules);
  auto late = server.subscriber("order.update");
  server.say(late, {{"type", "join"}, {"room", "lobby"}});
  server.event("order.*", "order.x", "{}"); // else the topic would end with its subscriber
  server.run();
  late->vanish();
  server.run();
  for (int times = 0; times < 4; ++times) {
    EXPECT_EQ(server.metrics.topics.load() + server.metrics.rooms.load(), 2u) << times;
    server.event("order.*", "order.x", "{}");
    server.event("r", "r", "{}");
    server.pass(300ms);
  }
  EXPECT_EQ(server.metrics.topics.load() + server.metrics.rooms.load(), 0u);
}

TEST(bridge, a_credit_is_out_until_the_last_loop_has_the_frame) {
  stage::options how;
  how.loops = 2;
  how.rooms_on_loops = true;
  bridged_server server(how);
  auto rules = default_bridge_rules();
  rules.push_back(to_topic("r", "lobby"));
  rules.back().to = bridge_target::room;
  server.follow(rules);
  client both[] = {server.enter("ann"), server.enter("ann")};
  for (auto& each : both) {
    server.say(each, {{"type", "subscribe"}, {"topics", {"order.update"}}});
    server.say(each, {{"type", "join"}, {"room", "lobby"}});
  }
  const auto send = [&](const std::string& listens, const std::string& subject,
                        const std::string& payload) {
    for (auto& each : both)
      each->read();
    const auto window = caf::make_counted<credits_out>();
    server.event(listens, subject, payload, credit{window});
    EXPECT_EQ(window->count(), 1u);
    std::size_t frames = 0;
    for (bool more = true; more;) {
      more = server.step();
      for (auto& each : both)
        frames += heard(each).size();
      EXPECT_TRUE(window->count() > 0 || frames == 2) << subject;
      if (window->count() == 0)
        break;
    }
    server.run();
    EXPECT_EQ(window->count(), 0u);
  };
  send("order.*", "order.x", "{}");
  send("r", "r", "{}");
  send("notification.*", "notification.everyone", "{}");
  send("notification.*", "notification.ann", R"({"user_id":"ann"})");
}

TEST(bridge, what_goes_nowhere_gives_its_credit_back) {
  bridged_server server;
  server.follow(default_bridge_rules());
  const auto window = caf::make_counted<credits_out>();
  for (const auto* payload : {"{}", "no json", R"({"topic":"nobody"})", R"({"topic":["a"]})"})
    server.event("order.*", "order.x", payload, credit{window});
  for (const auto* payload : {"{}", R"({"user_id":"nobody"})"})
    server.event("notification.*", "notification.x", payload, credit{window});
  EXPECT_EQ(window->count(), 6u);
  server.run();
  EXPECT_EQ(window->count(), 0u);
}

TEST(bridge, bad_payloads_are_counted_and_told_once_a_minute) {
  bridged_server server;
  server.follow(default_bridge_rules());
  auto listener = server.subscriber("order.update");
  for (int i = 0; i < 50; ++i)
    server.event("order.*", "order.x", "secret payload");
  server.event("order.*", "order.x", R"({"topic":["a"]})");
  server.event("order.*", "order.x", R"({"topic":"a b"})");
  server.event("payment.completed", "payment.completed", "no json");
  server.event("order.*", "order.x", "{}");
  server.run();
  EXPECT_EQ(heard(listener).size(), 1u) << "the others go on";
  EXPECT_EQ(server.skipped(0, bridge_error::payload), 50u);
  EXPECT_EQ(server.skipped(0, bridge_error::field), 1u);
  EXPECT_EQ(server.skipped(0, bridge_error::name), 1u);
  ASSERT_EQ(server.reports.size(), 2u) << "each rule tells its own";
  EXPECT_EQ(server.reports[0].find("secret"), std::string::npos);
  EXPECT_NE(server.reports[0].find("order.*"), std::string::npos);
  server.pass(59s);
  server.event("order.*", "order.x", "");
  server.run();
  EXPECT_EQ(server.reports.size(), 2u);
  server.pass(2s);
  server.event("order.*", "order.x", "");
  server.run();
  ASSERT_EQ(server.reports.size(), 3u);
  EXPECT_NE(server.reports[2].find("52 others"), std::string::npos) << server.reports[2];
}

// -- rules that fail -----------------------------------------------------------------------------------

bridge_plan_ptr fragile_plan(std::string subject) {
  bridge_plan plan{
    std::move(subject), {}, [](std::string_view, std::string_view payload) -> shaped {
      if (payload == "boom")
        throw std::runtime_error("it broke");
      return bridged{bridge_target::topic, std::string(payload), "x", {}, {}};
    }};
  return std::make_shared<const bridge_plan>(std::move(plan));
}

TEST(bridge, a_rule_that_fails_ends_alone_and_comes_back) {
  bridged_server server;
  server.follow({fragile_plan("a"), fragile_plan("b")});
  auto listener = server.subscriber("t");
  const auto before = server.listener("a");
  server.event("a", "a", "boom");
  server.event("b", "b", "t");
  server.run();
  EXPECT_EQ(heard(listener).size(), 1u) << "the other rule goes on";
  ASSERT_EQ(server.reports.size(), 1u);
  EXPECT_NE(server.reports[0].find("it broke"), std::string::npos);
  EXPECT_EQ(server.bus.listened.size(), 2u) << "not at once";
  server.pass(backoff::first - 40ms);
  EXPECT_EQ(server.bus.listened.size(), 2u);
  server.pass(80ms);
  ASSERT_EQ(server.bus.listened.size(), 3u);
  EXPECT_TRUE(server.listener("a") != before);
  server.event("a", "a", "t");
  server.run();
  EXPECT_EQ(heard(listener).size(), 1u);
  EXPECT_EQ(server.metrics.bridge.rules[0].restarts.value(), 1u);
  EXPECT_EQ(server.metrics.bridge.rules[1].restarts.value(), 0u);
}

TEST(bridge, the_pause_grows_and_is_forgotten) {
  bridged_server server;
  server.follow({fragile_plan("a")});
  const auto pause = [&] {
    const auto listening = server.bus.listened.size();
    server.event("a", "a", "boom");
    server.run();
    auto waited = 0ms;
    while (server.bus.listened.size() == listening && waited < 60s) {
      server.pass(20ms);
      waited += 20ms;
    }
    return waited;
  };
  const auto first = pause(), second = pause(), third = pause();
  EXPECT_NEAR(static_cast<double>(first.count()), 250, 40);
  EXPECT_NEAR(static_cast<double>(second.count()), 500, 40);
  EXPECT_NEAR(static_cast<double>(third.count()), 1000, 40);
  server.pass(backoff::forgotten_after + 1s);
  EXPECT_NEAR(static_cast<double>(pause().count()), 250, 40);
}

// -- out -----------------------------------------------------------------------------------------------

struct publishing_server : bridged_server {
  publishing_server() {
    using source = publish_rule::source;
    observers.tap =
      make_bus_publisher(context, {publishing(source::rooms, ">", "t.rooms.{name}"),
                                   publishing(source::topics, "pub.*", "t.topics.{1}"),
                                   publishing(source::life_cycle, "", "t.life.{event}")});
  }
  ~publishing_server() {
    run();
    observers.tap = nullptr;
  }

  // What has been published since the last call, by subject; life-cycle events only when asked for.
  std::vector<bus_publish> take(std::string_view prefix) {
    run();
    std::vector<bus_publish> out;
    for (const auto& each : bus.published)
      if (each.subject.starts_with(prefix))
        out.push_back(each);
    bus.published.clear();
    return out;
  }
};

std::string header(const bus_publish& message, std::string_view name) {
  for (const auto& [key, value] : message.headers)
    if (key == name)
      return value;
  return "none";
}

TEST(bridge_out, a_room_message_goes_out_as_its_members_get_it) {
  publishing_server server;
  auto ann = server.enter("u|ann\r\n", {"ops"});
  server.say(ann, {{"type", "join"}, {"room", "a.b:c"}});
  ann->read();
  server.take("");
  server.say(ann, {{"type", "message"}, {"message", "hi"}, {"user", "somebody else"}});
  const auto out = server.take("t.rooms.");
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].subject, "t.rooms.a.b:c");
  EXPECT_EQ(json::parse(out[0].payload), heard(ann).at(0));
  EXPECT_EQ(header(out[0], "Troupe-User"), "u%7Cann%0D%0A");
  EXPECT_EQ(header(out[0], "Troupe-Roles"), "ops");
  EXPECT_EQ(header(out[0], "Troupe-Connection"), server.settings.public_id(ann->id()));
}

TEST(bridge_out, no_name_calls_a_service) {
  publishing_server server;
  using source = publish_rule::source;
  server.observers.tap =
    make_bus_publisher(server.context, {publishing(source::topics, ">", "orders.{name}"),
                                        publishing(source::topics, "*.*", "orders.{1}.{2}"),
                                        publishing(source::topics, "*.*", "orders.r{1}"),
                                        publishing(source::topics, "*.*", "audit.async.{2}")});
  auto client = server.enter();
  for (const auto* topic : {"rpc.create", "async.create", "pc.x", "rpcs.create"})
    server.say(client, {{"type", "publish"}, {"topic", topic}, {"data", 1}});
  list subjects;
  for (const auto& each : server.take(""))
    subjects.push_back(each.subject);
  EXPECT_EQ(subjects,
            (list{"orders.rrpc", "audit.async.create", "orders.rasync", "audit.async.create",
                  "orders.pc.x", "orders.pc.x", "audit.async.x", "orders.rpcs.create",
                  "orders.rpcs.create", "orders.rrpcs", "audit.async.create"}));
  EXPECT_EQ(server.metrics.bridge.not_published.value(), 5u);
}

TEST(bridge_out, a_publication_goes_out_once_whether_somebody_listens_or_not) {
  publishing_server server;
  auto client = server.enter();
  for (const auto* topic : {"pub.x", "pub.x", "other", "pub.x.y"})
    server.say(client, {{"type", "publish"}, {"topic", topic}, {"data", {1, 2}}, {"msg_id", "m1"}});
  const auto out = server.take("t.topics.");
  ASSERT_EQ(out.size(), 1u) << "by the pattern, and a repeated msg_id is not said again";
  EXPECT_EQ(out[0].subject, "t.topics.x");
  const auto frame = json::parse(out[0].payload);
  EXPECT_EQ(frame["type"], "publication");
  EXPECT_EQ(frame["data"], (json{1, 2}));
  EXPECT_EQ(frame["offset"], 1);
  EXPECT_EQ(header(out[0], "Troupe-User"), "none");
  EXPECT_NE(header(out[0], "Troupe-Connection"), "none");
}

TEST(bridge_out, a_client_is_held_back_until_the_bus_has_its_messages) {
  publishing_server server;
  auto client = server.guest("r");
  server.take("");
  server.say(client, {{"type", "message"}, {"message", 1}});
  std::vector<bus_publish> out;
  for (const auto& each : server.bus.published)
    out.push_back(each);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_NE(out[0].credit.since(), credit::time_point{});
}

TEST(bridge_out, the_life_cycle_of_connections_and_rooms) {
  publishing_server server;
  const auto subjects = [&] {
    list out;
    for (const auto& each : server.take("t.life."))
      out.push_back(each.subject);
    return out;
  };
  auto ann = server.enter("ann");
  EXPECT_EQ(subjects(), list{"t.life.connected"});
  auto ben = server.enter();
  EXPECT_EQ(subjects(), list{"t.life.connected"});
  server.say(ann, {{"type", "join"}, {"room", "r"}});
  EXPECT_EQ(subjects(), list{"t.life.occupied"});
  server.say(ben, {{"type", "join"}, {"room", "r"}});
  server.say(ann, {{"type", "leave"}, {"room", "r"}});
  EXPECT_EQ(subjects(), list{}) << "somebody is still there";
  ben->vanish();
  ben = nullptr;
  const auto last = server.take("t.life.");
  ASSERT_EQ(last.size(), 2u);
  list both{last[0].subject, last[1].subject};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(both, (list{"t.life.disconnected", "t.life.vacated"}));
  server.say(ann, {{"type", "join"}, {"room", "r"}});
  EXPECT_EQ(subjects(), list{"t.life.occupied"});
  ann->close();
  ann->vanish();
  ann = nullptr;
  EXPECT_EQ(subjects().size(), 2u);
}

TEST(bridge_out, what_came_in_does_not_go_out_again) {
  publishing_server server;
  auto to_room = to_topic("t.rooms.*", "r");
  to_room.to = bridge_target::room;
  server.follow({to_room, to_topic("t.topics.*", "pub.{1}")});
  auto guest = server.guest("r");
  auto listener = server.subscriber("pub.x");
  server.take("");
  server.event("t.rooms.*", "t.rooms.r", "1");
  server.event("t.topics.*", "t.topics.x", "2");
  EXPECT_TRUE(server.take("t.rooms.").empty());
  EXPECT_EQ(heard(guest).size(), 1u);
  EXPECT_EQ(heard(listener).size(), 1u);
  EXPECT_TRUE(server.bus.published.empty());
}

TEST(bridge_out, a_subject_that_is_not_valid_is_dropped_and_counted) {
  bridged_server server;
  server.observers.tap = make_bus_publisher(
    server.context,
    {publishing(publish_rule::source::rooms, ">", "t." + std::string(200, 'x') + ".{name}")});
  auto client = server.guest(std::string(100, 'r'));
  server.say(client, {{"type", "message"}, {"message", 1}});
  EXPECT_TRUE(server.bus.published.empty());
  EXPECT_EQ(server.metrics.bridge.not_published.value(), 1u);
  EXPECT_EQ(types(heard(client)), list{"message"}) << "clients do not notice";
  client->vanish();
  client = nullptr;
  server.run();
  server.observers.tap = nullptr;
}

} // namespace
} // namespace troupe::test
