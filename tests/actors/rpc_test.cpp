// Services: clients that call them over a bus, and the server that is one.
#include "heard.hpp"
#include "scripted_bus.hpp"
#include "stage.hpp"
#include "troupe/bus/bus_service.hpp"
#include "troupe/bus/rpc_caller.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

identity_ptr person(const std::string& user_id, std::vector<std::string> roles = {}) {
  return std::make_shared<const identity>(identity{user_id, user_id, std::move(roles), {}, {}, {}});
}

struct bus_server : stage {
  explicit bus_server(options how = {}) : stage(std::move(how)) {
    routes.bus = spawn_scripted_bus(system(), bus);
    change([&](live_settings& next) {
      next.rpc = rpc_rules(
        {{.service = "orders", .method = "create", .roles = {"customer"}, .per_minute = 3},
         {.service = "orders", .method = "*", .roles = {"staff"}, .per_minute = 0},
         {.service = "public", .method = "*", .anonymous = true, .per_minute = 0, .timeout = 2s}});
    });
    routes.caller = spawn_placed<rpc_caller>(system(), nullptr, context);
    desk = spawn_placed<bus_service>(system(), nullptr, context, routes.bus,
                                     service::self{"desk", "1.2.3", "id7"});
    run();
  }

  ~bus_server() {
    caf::anon_send_exit(desk, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(routes.caller, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(routes.bus, caf::exit_reason::user_shutdown);
    desk = nullptr;
    routes.caller = nullptr;
    routes.bus = nullptr;
    run();
    bus = {};
  }

  client enter(identity_ptr who) {
    connection::opening asked;
    asked.who = std::move(who);
    auto entered = connect(std::move(asked));
    run();
    entered->read();
    return entered;
  }

  void call(client& who, const std::string& service, const std::string& method, int id,
            const json& params = json::object()) {
    who->say(json{
      {"type", "rpc"}, {"service", service}, {"method", method}, {"params", params}, {"id", id}}
               .dump());
    run();
  }

  // What a back-end service is answered by the server; null: nothing.
  json ask_desk(const std::string& subject, const std::string& payload,
                const std::string& reply = "_INBOX.x") {
    bus.published.clear();
    caf::anon_send(desk, bus_message{subject, payload, reply, {}, {}});
    run();
    if (bus.published.empty())
      return nullptr;
    EXPECT_EQ(bus.published.size(), 1u);
    EXPECT_EQ(bus.published[0].subject, reply);
    return json::parse(bus.published[0].payload);
  }

  scripted_bus bus;
  bus_listener_actor desk;
};

std::string code(const json& frame) {
  return frame.value("type", "") == "error" ? frame.value("code", "") : frame.dump();
}

TEST(rpc, a_call_travels_with_its_caller_and_the_answer_comes_back) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    bus_server server({.seed = seed, .loops = 2});
    auto ann = server.enter(person("ann", {"customer", "vip"})), ben = server.enter(nullptr);
    server.call(ann, "orders", "create", 7, {{"item", 1}});
    ASSERT_EQ(server.bus.requests.size(), 1u);
    const auto asked = server.bus.requests.front().what;
    EXPECT_EQ(asked.subject, "orders.rpc.create");
    EXPECT_EQ(asked.payload, R"({"item":1})") << "and nothing of ours among the arguments";
    EXPECT_EQ(asked.within, 5s);
    ASSERT_EQ(asked.headers.size(), 4u);
    EXPECT_EQ(asked.headers[1], (std::pair<std::string, std::string>{"Troupe-User", "ann"}));
    EXPECT_EQ(asked.headers[2],
              (std::pair<std::string, std::string>{"Troupe-Roles", "customer,vip"}));
    EXPECT_TRUE(heard(ann).empty());
    server.bus.answer(R"({"success":true,"result":{"order":9},"timestamp":"x"})");
    server.run();
    EXPECT_EQ(only(ann), (json{{"type", "rpc_result"}, {"result", {{"order", 9}}}, {"id", 7}}));
    EXPECT_TRUE(heard(ben).empty());
  }
}

TEST(rpc, what_is_not_allowed_does_not_leave_the_server) {
  bus_server server;
  auto ann = server.enter(person("ann", {"customer"})), guest = server.enter(nullptr);
  server.call(ann, "orders", "remove", 1);
  EXPECT_EQ(code(only(ann)), "insufficient_permissions");
  server.call(ann, "stock", "create", 2);
  EXPECT_EQ(code(only(ann)), "insufficient_permissions");
  server.call(guest, "orders", "create", 3);
  const auto refused = only(guest);
  EXPECT_EQ(code(refused), "insufficient_permissions");
  EXPECT_EQ(refused.at("id"), 3);
  for (const char* name : {"*", ">", "a.b", "a b", "a\r\nPUB x 0\r\n\r\n", ""}) {
    server.call(ann, name, "create", 4);
    EXPECT_EQ(code(only(ann)), "invalid_name") << name;
    server.call(ann, "orders", name, 4);
    EXPECT_EQ(code(only(ann)), "invalid_name") << name;
    ann->say(R"({"type":"ping"})"); // not only bad frames in a row
    server.run();
    EXPECT_EQ(only(ann).at("type"), "pong");
  }
  EXPECT_TRUE(server.bus.requests.empty());
}

TEST(rpc, a_service_that_is_away_or_slow_is_told_as_that) {
  bus_server server;
  auto guest = server.enter(nullptr);
  server.call(guest, "public", "m", 1);
  server.bus.answer({bus_answer::outcome::no_responders, {}});
  server.run();
  EXPECT_EQ(code(only(guest)), "unavailable");
  server.call(guest, "public", "m", 2);
  server.bus.answer({bus_answer::outcome::timeout, {}});
  server.run();
  EXPECT_EQ(code(only(guest)), "timeout");
  // Not even the bus answers.
  server.call(guest, "public", "m", 3);
  server.pass(2'900ms);
  EXPECT_TRUE(heard(guest).empty());
  server.pass(200ms);
  const auto late = only(guest);
  EXPECT_EQ(code(late), "timeout");
  EXPECT_EQ(late.at("id"), 3);
  // The server goes on meanwhile, and the next call is none the worse.
  server.call(guest, "public", "m", 4);
  server.bus.requests.pop_front();
  server.bus.answer(R"({"result":4})");
  server.run();
  EXPECT_EQ(only(guest).at("result"), 4);
}

TEST(rpc, an_error_of_the_service_comes_under_the_id) {
  bus_server server;
  auto guest = server.enter(nullptr);
  server.call(guest, "public", "m", 5);
  server.bus.answer(R"({"error":"out of stock"})");
  server.run();
  EXPECT_EQ(
    only(guest),
    (json{{"type", "error"}, {"code", "internal"}, {"message", "out of stock"}, {"id", 5}}));
}

TEST(rpc, a_bus_that_ends_leaves_nobody_waiting) {
  bus_server server;
  auto guest = server.enter(nullptr);
  caf::anon_send_exit(server.routes.bus, caf::exit_reason::kill);
  server.run();
  server.call(guest, "public", "m", 6);
  server.run();
  EXPECT_EQ(code(only(guest)), "unavailable");
}

TEST(rpc, so_many_calls_wait_and_no_more) {
  limits bounds;
  bounds.rpc_calls_per_connection_max = 2;
  bounds.rpc_calls_max = 3;
  bounds.connection_share = bounds.address_share = 100;
  bus_server server({.bounds = bounds});
  auto one = server.enter(nullptr), two = server.enter(nullptr);
  for (int id = 1; id <= 2; ++id)
    server.call(one, "public", "m", id);
  EXPECT_TRUE(heard(one).empty());
  server.call(one, "public", "m", 3);
  EXPECT_EQ(code(only(one)), "limit_exceeded");
  server.call(two, "public", "m", 4);
  EXPECT_TRUE(heard(two).empty());
  server.call(two, "public", "m", 5);
  EXPECT_EQ(code(only(two)), "unavailable");
  server.bus.answer(R"({"result":1})");
  server.run();
  EXPECT_EQ(only(one).at("id"), 1);
  server.call(two, "public", "m", 6);
  EXPECT_TRUE(heard(two).empty()) << "there is room again";
  // Chat goes on while calls wait.
  one->say(R"({"type":"ping","id":9})");
  server.run();
  EXPECT_EQ(only(one).at("type"), "pong");
}

TEST(rpc, one_address_does_not_take_all_calls) {
  limits bounds;
  bounds.rpc_calls_max = 20;
  bus_server server({.bounds = bounds});
  const auto from = [&](std::uint64_t address) {
    auto who = server.connect({.address = holder_id{address}});
    server.run();
    heard(who);
    return who;
  };
  std::vector<client> crowd;
  for (int i = 0; i < 11; ++i) {
    server.call(crowd.emplace_back(from(2)), "public", "m", i);
    EXPECT_TRUE(heard(crowd.back()).empty()) << "more than half is free";
  }
  server.call(crowd.emplace_back(from(2)), "public", "m", 12);
  const auto refused = only(crowd.back());
  EXPECT_EQ(code(refused), "limit_exceeded");
  EXPECT_EQ(refused.at("message"),
            "Your address has its share of the calls of services: 5 (limits.address_share)");
  auto ann = from(1);
  server.call(ann, "public", "m", 1);
  EXPECT_TRUE(heard(ann).empty());
  for (int i = 0; i < 12; ++i) {
    server.bus.answer(R"({"result":1})");
    server.run();
  }
  server.call(crowd.front(), "public", "m", 13);
  server.bus.answer(R"({"result":2})");
  server.run();
  EXPECT_EQ(heard(crowd.front()).back().at("result"), 2) << "there is room again";
}

TEST(rpc, one_that_has_gone_does_not_hold_its_calls_for_ever) {
  limits bounds;
  bounds.rpc_calls_max = 1;
  bus_server server({.bounds = bounds});
  auto gone = server.enter(nullptr), here = server.enter(nullptr);
  server.call(gone, "public", "m", 1);
  gone->vanish();
  server.run();
  server.bus.answer(R"({"result":1})");
  server.run();
  server.call(here, "public", "m", 2);
  server.bus.answer(R"({"result":2})");
  server.run();
  EXPECT_EQ(only(here).at("result"), 2);
}

TEST(rpc, the_calls_a_minute_are_those_of_the_user) {
  bus_server server;
  auto tab = server.enter(person("ann", {"customer"})),
       other = server.enter(person("ann", {"customer"})),
       ben = server.enter(person("ben", {"customer"}));
  const auto served = [&](client& who) {
    server.call(who, "orders", "create", 1);
    if (server.bus.requests.empty())
      return code(only(who));
    server.bus.answer(R"({"result":1})");
    server.run();
    return only(who).at("type").get<std::string>();
  };
  EXPECT_EQ(served(tab), "rpc_result");
  EXPECT_EQ(served(other), "rpc_result");
  EXPECT_EQ(served(tab), "rpc_result");
  server.call(other, "orders", "create", 2);
  const auto refused = only(other);
  EXPECT_EQ(code(refused), "rate_limited");
  EXPECT_GT(refused.at("retry_after_ms"), 19'000);
  EXPECT_LE(refused.at("retry_after_ms"), 20'000);
  EXPECT_EQ(served(ben), "rpc_result");
  server.pass(20s);
  EXPECT_EQ(served(tab), "rpc_result");
  EXPECT_EQ(served(tab), "rate_limited");
}

// -- the server as a service -------------------------------------------------------------------------

TEST(bus_service, listens_to_its_methods_and_to_discovery) {
  bus_server server;
  std::vector<std::string> subjects;
  for (const auto& each : server.bus.listened) {
    subjects.push_back(each.subject);
    EXPECT_EQ(each.queue, "");
  }
  for (const char* expected : {"desk.rpc.*", "desk.async.*", "desk.describe", "$SRV.PING",
                               "$SRV.INFO.desk", "$SRV.STATS.desk.id7"})
    EXPECT_NE(std::find(subjects.begin(), subjects.end(), expected), subjects.end()) << expected;
  EXPECT_EQ(subjects.size(), 12u);
}

TEST(bus_service, an_announcement_reaches_everyone_and_is_answered) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    bus_server server({.seed = seed, .loops = 3});
    auto ann = server.enter(person("ann")), ben = server.enter(nullptr);
    const auto answer =
      server.ask_desk("desk.rpc.send_announcement", R"({"text":"hi","correlation_id":"corr_1"})");
    EXPECT_EQ(answer.at("success"), true);
    EXPECT_TRUE(answer.at("result").is_object());
    EXPECT_EQ(answer.at("correlation_id"), "corr_1");
    EXPECT_EQ(answer.at("timestamp").get<std::string>().substr(0, 10), "2026-01-01");
    EXPECT_EQ(only(ann).at("text"), "hi");
    EXPECT_EQ(only(ben).at("text"), "hi");
  }
}

TEST(bus_service, messages_reach_users_roles_topics_and_rooms) {
  bus_server server;
  auto ann = server.enter(person("ann", {"staff"})), ben = server.enter(nullptr);
  ben->say(R"({"type":"subscribe","topic":"t"})");
  ben->say(R"({"type":"join","room":"r"})");
  server.run();
  ben->read();
  const auto result = [&](const char* method, const char* arguments) {
    return server.ask_desk(std::string("desk.rpc.") + method, arguments).at("result");
  };
  EXPECT_EQ(result("send_to_user", R"({"user_id":"ann","message":{"n":1}})"),
            (json{{"connections", 1}}));
  EXPECT_EQ(only(ann).at("message"), (json{{"n", 1}}));
  EXPECT_EQ(result("send_to_role", R"({"role":"staff","message":2})"), (json{{"connections", 1}}));
  EXPECT_EQ(only(ann).at("message"), 2);
  EXPECT_EQ(result("send_to_topic", R"({"topic":"t","message":[3],"event":"e"})").at("offset"), 1);
  const auto publication = only(ben);
  EXPECT_EQ(publication.at("type"), "e");
  EXPECT_EQ(publication.at("data"), json{3});
  EXPECT_EQ(result("send_to_room", R"({"room":"r","message":"x"})").at("offset"), 1);
  const auto message = only(ben);
  EXPECT_EQ(message.at("message"), "x");
  EXPECT_EQ(message.at("user"), "server");
  EXPECT_EQ(result("stats", "").at("connections"), 2);
  EXPECT_EQ(result("get_service_info", "{}").at("name"), "desk");
  EXPECT_EQ(result("kick", R"({"user_id":"ann"})"), (json{{"connections", 1}}));
  server.run();
  EXPECT_TRUE(ann->leaving());
  EXPECT_FALSE(server.audits.empty());
  EXPECT_EQ(server.audits.back(), "kick|nats|ann connections=1");
}

TEST(bus_service, errors_name_the_field_and_are_counted) {
  bus_server server;
  const auto wrong = server.ask_desk("desk.rpc.send_announcement", "{}");
  EXPECT_EQ(wrong.at("success"), false);
  EXPECT_EQ(wrong.at("error"), "'text' is required");
  EXPECT_EQ(wrong.at("code"), "bad_request");
  EXPECT_EQ(server.ask_desk("desk.rpc.nope", "{}").at("error"), "Unknown method: nope");
  EXPECT_EQ(server.ask_desk("desk.rpc.stats", "[").at("code"), "bad_json");
  const auto stats = server.ask_desk("$SRV.STATS.desk", "");
  const auto& of = stats.at("endpoints").at(0);
  EXPECT_EQ(of.at("num_requests"), 1);
  EXPECT_EQ(of.at("num_errors"), 1);
  EXPECT_EQ(of.at("last_error"), "'text' is required");
}

TEST(bus_service, async_does_the_same_and_says_nothing) {
  bus_server server;
  auto ann = server.enter(nullptr);
  EXPECT_EQ(server.ask_desk("desk.async.send_announcement", R"({"text":"a"})"), nullptr);
  EXPECT_EQ(only(ann).at("text"), "a");
  EXPECT_EQ(server.ask_desk("desk.async.nope", "{}"), nullptr);
  EXPECT_EQ(server.ask_desk("desk.rpc.send_announcement", R"({"text":"b"})", ""), nullptr);
  EXPECT_EQ(only(ann).at("text"), "b");
}

TEST(bus_service, answers_go_to_inboxes_and_nowhere_else) {
  bus_server server;
  std::vector<std::string> warnings;
  server.observers.warn = [&](std::string_view said) { warnings.emplace_back(said); };
  auto ann = server.enter(nullptr);
  for (const auto* elsewhere :
       {"pay.rpc.charge", "desk.rpc.kick", "_INBOX", "_INBOX.*", "$SRV.PING"}) {
    for (const auto* subject : {"$SRV.PING", "$SRV.PING.desk", "$SRV.INFO", "$SRV.STATS.desk.id7",
                                "desk.describe", "desk.rpc.stats", "desk.rpc.nope"})
      EXPECT_EQ(server.ask_desk(subject, "{}", elsewhere), nullptr) << subject << elsewhere;
    EXPECT_EQ(server.ask_desk("desk.rpc.send_announcement", R"({"text":"a"})", elsewhere), nullptr);
    EXPECT_EQ(only(ann).at("text"), "a") << "it is carried out all the same";
  }
  ASSERT_EQ(warnings.size(), 1u) << "once in a while";
  EXPECT_NE(warnings[0].find("pay.rpc.charge"), std::string::npos);
  EXPECT_EQ(server.metrics.bus.dropped.value(std::size_t(bus_drop_reason::invalid_subject)), 40u);
  for (const auto* inbox : {"_INBOX.x", "_INBOX_shop.x"})
    EXPECT_NE(server.ask_desk("$SRV.PING", "", inbox), nullptr);
}

TEST(bus_service, describes_itself) {
  bus_server server;
  EXPECT_EQ(server.ask_desk("desk.describe", "").at("service"), "desk");
  EXPECT_EQ(server.ask_desk("$SRV.PING", "").at("type"), "io.nats.micro.v1.ping_response");
  EXPECT_EQ(server.ask_desk("$SRV.PING", "", ""), nullptr);
}

} // namespace
} // namespace troupe::test
