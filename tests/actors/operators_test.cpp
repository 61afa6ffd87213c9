// What operators are told: how many heard a message, and who is where.
#include "staffed_server.hpp"

#include <caf/send.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

posted say_as_server(staffed_server& server, post what) {
  posted out;
  caf::scoped_actor self{server.system()};
  auto asked = self->request(server.routes.directory, 5s, std::move(what));
  server.run();
  asked.receive([&](posted& answer) { out = std::move(answer); },
                [](const caf::error&) { ADD_FAILURE() << "not answered"; });
  return out;
}

json subscribe(const std::vector<std::string>& topics) {
  return {{"type", "subscribe"}, {"topics", topics}};
}

TEST(operators, are_told_how_many_listened_when_a_message_got_its_place) {
  staffed_server server({.loops = 2});
  auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
  server.say(ann, subscribe({"t"}));
  for (const auto kind : {audience_kind::topic, audience_kind::room}) {
    const std::string name = kind == audience_kind::topic ? "t" : "r";
    const std::uint64_t listening = kind == audience_kind::topic ? 1 : 2;
    const post first{.kind = kind, .name = name, .msg_id = "m", .content = "1"};
    EXPECT_EQ(say_as_server(server, first).listeners, listening);
    server.say(ben, kind == audience_kind::topic ? subscribe({"t"})
                                                 : json{{"type", "leave"}, {"room", "r"}});
    EXPECT_EQ(say_as_server(server, first).listeners, listening) << "the same, said again";
    EXPECT_EQ(say_as_server(server, {.kind = kind, .name = name, .content = "2"}).listeners,
              3 - listening);
    EXPECT_EQ(say_as_server(server, {.kind = kind, .name = "empty", .content = "1"}).listeners, 0u);
  }
}

TEST(operators, see_topics_in_pages) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    staffed_server server({.seed = seed, .loops = 3});
    auto ann = server.enter(nullptr), ben = server.enter(nullptr);
    server.say(ann, subscribe({"a", "b", "c"}));
    server.say(ben, subscribe({"b"}));
    EXPECT_EQ(server.result(admin::list_topics{{"", 2}}),
              (json{{"total", 3},
                    {"topics",
                     {{{"topic", "a"}, {"subscribers", 1}}, {{"topic", "b"}, {"subscribers", 2}}}},
                    {"next", "b"}}));
    EXPECT_EQ(server.result(admin::list_topics{{"b", 2}}),
              (json{{"total", 3}, {"topics", {{{"topic", "c"}, {"subscribers", 1}}}}}));
  }
}

TEST(operators, see_one_room_and_one_topic) {
  staffed_server server({.loops = 2});
  auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
  server.say(ann, subscribe({"t"}));
  server.say(ann, {{"type", "message"}, {"message", "hi"}});
  auto room = server.result(admin::show_room{"r"});
  EXPECT_EQ(room.at("room"), "r");
  EXPECT_EQ(room.at("members"), 2);
  EXPECT_EQ(room.at("offset"), 1);
  EXPECT_TRUE(room.at("epoch").is_string());
  const auto topic = server.result(admin::show_topic{"t"});
  EXPECT_EQ(topic.at("topic"), "t");
  EXPECT_EQ(topic.at("subscribers"), 1);
  EXPECT_EQ(topic.at("offset"), 0);
  for (const admin::command& what :
       std::initializer_list<admin::command>{admin::show_room{"t"}, admin::show_topic{"r"}}) {
    const auto outcome = server.call(what);
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, errc::not_found);
  }
  EXPECT_EQ(server.result(admin::stats{}).at("rooms"), 1) << "none is made";
}

TEST(operators, see_one_connection_and_where_it_is) {
  staffed_server server({.loops = 2});
  auto guest = server.enter(nullptr, "r"), ann = server.enter(person("ann"), "r");
  server.say(guest, subscribe({"t"}));
  const auto id = server.settings.public_id(guest->id());
  EXPECT_EQ(
    server.result(admin::show_connection{id}),
    (json{{"connection_id", id}, {"rooms", {"r"}}, {"topics", {"t"}}, {"waiting_bytes", 0}}));
  EXPECT_EQ(
    server.result(admin::show_connection{server.settings.public_id(ann->id())}).at("user_id"),
    "ann");
  guest->vanish();
  server.run();
  for (const std::string& gone :
       {id, std::string("nonsense"), server.settings.public_id(connection_id::make(200, 1, 1)),
        server.settings.public_id(connection_id::make(0, 1, 1, 3))}) {
    const auto outcome = server.call(admin::show_connection{gone});
    ASSERT_FALSE(outcome.result) << gone;
    EXPECT_EQ(outcome.result.error().code, errc::not_found);
  }
}

TEST(operators, see_where_a_connection_comes_from_and_what_it_calls_itself) {
  staffed_server server;
  const auto enter = [&](identity_ptr who, std::string user) {
    connection::opening asked;
    asked.who = std::move(who);
    asked.user = std::move(user);
    asked.proxied_for = client_address::parse("192.0.2.7").value();
    auto entered = server.connect(std::move(asked));
    server.run();
    return entered;
  };
  auto guest = enter(nullptr, "Cleo"), ann = enter(person("ann"), "Cleo");
  const auto shown = server.result(admin::show_connection{server.settings.public_id(guest->id())});
  EXPECT_EQ(shown.at("user"), "Cleo");
  EXPECT_EQ(shown.at("address"), "192.0.2.7");
  const auto tab = server.result(admin::show_user{"ann", {}}).at("connections").at(0);
  EXPECT_EQ(tab.at("username"), "name of ann");
  EXPECT_FALSE(tab.contains("user")) << "it is called by its token";
  EXPECT_EQ(tab.at("address"), "192.0.2.7");
}

TEST(operators, see_a_user_with_all_connections_in_pages) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    staffed_server server({.seed = seed, .loops = 3});
    std::vector<client> tabs;
    for (int i = 0; i < 5; ++i)
      tabs.push_back(server.enter(person("ann", {"staff"}), "r" + std::to_string(i)));
    auto ben = server.enter(person("ben"), "r0");
    std::vector<std::string> rooms;
    std::string after;
    for (int page = 0; page < 3; ++page) {
      const auto found = server.result(admin::show_user{"ann", {after, 2}});
      EXPECT_EQ(found.at("username"), "name of ann");
      EXPECT_EQ(found.at("roles"), json{"staff"});
      EXPECT_EQ(found.at("total"), 5);
      EXPECT_EQ(found.contains("next"), page < 2) << "seed " << seed;
      for (const auto& each : found.at("connections"))
        rooms.push_back(each.at("rooms").at(0));
      after = found.value("next", "");
    }
    std::ranges::sort(rooms);
    EXPECT_EQ(rooms, (list{"r0", "r1", "r2", "r3", "r4"})) << "each once";
    EXPECT_EQ(server.result(admin::show_user{"ann", {"", 1000}}).at("connections").size(), 5u);
    EXPECT_EQ(server.call(admin::show_user{"ann", {"x", 1}}).result.error().code,
              errc::bad_request);
    EXPECT_EQ(server.call(admin::show_user{"cid", {}}).result.error().code, errc::not_found);
  }
}

TEST(operators, leave_no_line_in_the_log_by_asking_over_http) {
  staffed_server server;
  server.call(admin::list_topics{});
  server.call(admin::show_user{"ann", {}});
  EXPECT_EQ(server.audits, list{});
}

} // namespace
} // namespace troupe::test
