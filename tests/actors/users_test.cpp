// Users, roles, admins: who is reached, who is put out, and who may not come back.
#include "staffed_server.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

admin::send to_user(const std::string& user, const std::string& message) {
  return {admin::send::target::user, user, message};
}

admin::send to_role(const std::string& role, const std::string& message) {
  return {admin::send::target::role, role, message};
}

// The notifications a client has got since the last call.
std::vector<json> notified(client& who) {
  std::vector<json> out;
  for (const auto& frame : heard(who))
    if (frame.at("type") == "notification")
      out.push_back(frame.at("message"));
  return out;
}

bool put_out(client& who, std::string_view reason) {
  const auto frames = who->read();
  if (frames.size() != 2 || !frames[1].starts_with("<close 4403"))
    return false;
  const auto last = json::parse(frames[0]);
  return last.at("type") == "disconnect" && last.at("close_code") == 4403 &&
         last.at("reconnect") == false && last.at("reason") == reason;
}

TEST(users, every_connection_of_a_user_is_reached_and_no_other) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    staffed_server server({.seed = seed, .loops = 3});
    std::vector<client> anns;
    for (int tab = 0; tab < 4; ++tab)
      anns.push_back(server.enter(person("ann", {"staff"})));
    auto ben = server.enter(person("ben", {"staff", "boss"})), guest = server.enter(nullptr);
    EXPECT_EQ(server.result(to_user("ann", R"({"n": 1})")), (json{{"connections", 4}}));
    EXPECT_EQ(server.result(to_role("staff", "2")), (json{{"connections", 5}}));
    EXPECT_EQ(server.result(to_role("boss", "3")), (json{{"connections", 1}}));
    EXPECT_EQ(server.result(to_user("nobody", "4")), (json{{"connections", 0}}));
    EXPECT_EQ(server.result(to_user("staff", "5")), (json{{"connections", 0}}));
    for (auto& ann : anns)
      EXPECT_EQ(notified(ann), (std::vector<json>{{{"n", 1}}, 2})) << "seed " << seed;
    EXPECT_EQ(notified(ben), (std::vector<json>{2, 3})) << "seed " << seed;
    EXPECT_EQ(notified(guest), std::vector<json>{});
  }
}

TEST(users, a_notification_is_passed_on_as_it_was_written) {
  staffed_server server;
  auto ann = server.enter(person("ann"));
  server.call(to_user("ann", R"({"price" : 1.50})"));
  EXPECT_EQ(ann->read(), list{R"({"type":"notification","message":{"price" : 1.50},)"
                              R"("timestamp":"2026-01-01T00:00:00.000Z"})"});
}

TEST(users, who_has_gone_is_not_reached) {
  staffed_server server({.loops = 2});
  auto stays = server.enter(person("ann", {"staff"})), closes = server.enter(person("ann")),
       vanishes = server.enter(person("ann", {"staff"}));
  closes->close();
  vanishes->vanish();
  server.pass(5s);
  EXPECT_EQ(server.result(to_user("ann", "1")), (json{{"connections", 1}}));
  EXPECT_EQ(server.result(to_role("staff", "2")), (json{{"connections", 1}}));
  EXPECT_EQ(server.result(admin::stats{}).at("authenticated"), 1);
  EXPECT_EQ(notified(stays), (std::vector<json>{1, 2}));
}

TEST(users, a_new_token_changes_the_roles) {
  staffed_server server;
  server.settings.verify = [](std::string_view token) -> token_verdict {
    return person("ann", {std::string(token)});
  };
  auto ann = server.enter(person("ann", {"staff"})), guest = server.enter(nullptr);
  server.say(ann, {{"type", "refresh"}, {"token", "boss"}});
  server.say(guest, {{"type", "refresh"}, {"token", "boss"}});
  EXPECT_EQ(server.result(to_role("staff", "1")), (json{{"connections", 0}}));
  EXPECT_EQ(server.result(to_role("boss", "2")), (json{{"connections", 2}}));
  EXPECT_EQ(notified(ann), std::vector<json>{2});
  EXPECT_EQ(notified(guest), std::vector<json>{2});
}

TEST(users, a_kick_closes_every_connection_of_a_user) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    staffed_server server({.seed = seed, .loops = 3});
    auto first = server.enter(person("ann"), "r"), second = server.enter(person("ann"));
    auto ben = server.enter(person("ben"), "r");
    heard(first);
    EXPECT_EQ(server.result(admin::kick{"ann", "Spam", 0s}), (json{{"connections", 2}}));
    EXPECT_TRUE(put_out(first, "Spam")) << "seed " << seed;
    EXPECT_TRUE(put_out(second, "Spam")) << "seed " << seed;
    EXPECT_EQ(types(heard(ben)), list{"user_left"});
    auto again = server.enter(person("ann"));
    EXPECT_EQ(server.result(to_user("ann", "1")).at("connections"), 1 + 2)
      << "two are still waiting for the client's close frame";
    EXPECT_EQ(notified(again), std::vector<json>{1}) << "a kick alone lets it come back";
    server.pass(server.bounds().close_timeout + 100ms);
    EXPECT_EQ(server.result(to_user("ann", "1")), (json{{"connections", 1}}));
  }
}

TEST(users, a_kicked_client_is_no_longer_heard) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r"), ben = server.enter(person("ben"), "r");
  heard(ann);
  server.call(admin::kick{"ann", "", 0s});
  EXPECT_TRUE(put_out(ann, "Kicked")) << "the default reason";
  heard(ben);
  server.say(ann, {{"type", "message"}, {"message", "still here"}});
  EXPECT_EQ(heard(ben), std::vector<json>{});
}

TEST(users, a_denied_user_is_refused_at_the_handshake_and_may_come_back_later) {
  staffed_server server;
  auto ann = server.enter(person("ann"));
  EXPECT_EQ(server.result(admin::kick{"ann", "", 60s}), (json{{"connections", 1}}));
  EXPECT_TRUE(put_out(ann, "Kicked"));
  EXPECT_TRUE(server.context.denied(*person("ann", {}, "another token")));
  EXPECT_FALSE(server.context.denied(*person("ben")));
  server.pass(60s);
  EXPECT_FALSE(server.context.denied(*person("ann")));
}

TEST(users, a_banned_network_is_put_out_whoever_is_behind_it) {
  staffed_server server({.loops = 3});
  const auto enter = [&](const char* address, identity_ptr who) {
    connection::opening asked;
    asked.proxied_for = client_address::parse(address).value();
    asked.who = std::move(who);
    auto entered = server.connect(std::move(asked));
    server.run();
    entered->read();
    return entered;
  };
  auto guest = enter("192.0.2.1", nullptr), ann = enter("192.0.2.200", person("ann")),
       other = enter("192.0.3.1", person("ann")), unknown = server.enter(nullptr);
  const auto network = address_block::parse("192.0.2.0/24").value();
  EXPECT_EQ(server.result(admin::ban{network, 60s, "Flood"}), (json{{"connections", 2}}));
  EXPECT_TRUE(put_out(guest, "Flood"));
  EXPECT_TRUE(put_out(ann, "Flood"));
  EXPECT_EQ(other->read(), list{});
  EXPECT_EQ(unknown->read(), list{});
  const auto inside = client_address::parse("192.0.2.7").value();
  EXPECT_TRUE(server.context.banned(inside));
  EXPECT_EQ(server.result(admin::list_bans{}),
            (json{{"bans", {{{"address", "192.0.2.0/24"}, {"seconds", 60}}}}}));
  EXPECT_EQ(server.result(admin::stats{}).at("denials"), 1);
  EXPECT_EQ(server.result(admin::lift_ban{network}), json::object());
  EXPECT_FALSE(server.context.banned(inside));
  EXPECT_EQ(server.call(admin::lift_ban{network}).result.error().code, errc::not_found);
  EXPECT_EQ(
    server.audits,
    (list{"ban_address|api key 1|192.0.2.0/24 seconds=60 reason=Flood connections=2",
          "lift_ban|api key 1|192.0.2.0/24", "lift_ban|api key 1|192.0.2.0/24 failed=not_found"}));
}

TEST(users, a_ban_ends_with_its_time) {
  staffed_server server;
  const auto one = address_block::parse("2001:db8::1").value();
  server.result(admin::ban{one, 60s, ""});
  EXPECT_TRUE(server.context.banned(one.first));
  server.pass(60s);
  EXPECT_FALSE(server.context.banned(one.first));
  EXPECT_EQ(server.result(admin::list_bans{}), (json{{"bans", json::array()}}));
}

TEST(users, a_denied_token_ends_its_connections_only) {
  staffed_server server({.loops = 2});
  auto stolen = server.enter(person("ann", {}, "t1")),
       fresh = server.enter(person("ann", {}, "t2"));
  EXPECT_EQ(server.result(admin::deny_token{"t1", 60s}), (json{{"connections", 1}}));
  EXPECT_TRUE(put_out(stolen, "Revoked"));
  EXPECT_EQ(fresh->read(), list{});
  EXPECT_TRUE(server.context.denied(*person("ann", {}, "t1")));
  EXPECT_FALSE(server.context.denied(*person("ann", {}, "t2")));
}

TEST(users, zero_seconds_lift_a_denial_and_silence_leaves_it) {
  staffed_server server;
  server.result(admin::kick{"ann", "", 60s});
  server.result(admin::deny_token{"t1", 60s});
  server.result(admin::kick{"ann", "", {}});
  EXPECT_EQ(server.context.denied(*person("ann", {}, "t1")), denial::user);
  server.result(admin::kick{"ann", "", 0s});
  EXPECT_EQ(server.context.denied(*person("ann", {}, "t1")), denial::token);
  auto ann = server.enter(person("ann", {}, "t2"));
  server.result(admin::deny_token{"t1", 0s});
  EXPECT_EQ(server.context.denied(*person("ann", {}, "t1")), std::nullopt);
  EXPECT_EQ(server.result(admin::stats{}).at("denials"), 0);
  EXPECT_EQ(ann->read(), list{});
  EXPECT_EQ(server.audits.back(), "deny_token|api key 1|t1 seconds=0 connections=0");
}

// At the handshake, at a refresh, and where the handshake came first, the reason is the same.
TEST(users, who_is_denied_is_told_for_what) {
  staffed_server server;
  server.settings.verify = [](std::string_view token) -> token_verdict {
    return person("ann", {}, std::string(token));
  };
  server.result(admin::deny_token{"t1", 60s});
  server.result(admin::kick{"ben", "", 60s});
  auto guest = server.enter(nullptr);
  server.say(guest, {{"type", "refresh"}, {"token", "t1"}});
  EXPECT_TRUE(put_out(guest, "Revoked"));
  for (const auto& [who, why] : {std::pair{person("ann", {}, "t1"), "Revoked"},
                                 std::pair{person("ben", {}, "t2"), "Kicked"}}) {
    connection::opening asked;
    asked.who = who;
    auto late = server.connect(std::move(asked));
    server.run();
    const auto frames = late->read();
    ASSERT_GE(frames.size(), 2u);
    EXPECT_EQ(frames.back(), "<close 4403>");
    EXPECT_EQ(json::parse(frames[frames.size() - 2]).at("reason"), why);
  }
}

// The handshake looked at the list just before the denial was on it.
TEST(users, who_slipped_in_while_it_was_denied_is_put_out) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    staffed_server server({.seed = seed, .loops = 2});
    const auto who = person("ann", {}, "t1");
    ASSERT_FALSE(server.context.denied(*who));
    connection::opening asked;
    asked.who = who;
    if (seed % 2)
      caf::anon_send(server.routes.users, administer{admin::deny_token{"t1", 60s}, "api key 1"});
    auto late = server.connect(std::move(asked));
    if (seed % 2 == 0)
      caf::anon_send(server.routes.users, administer{admin::kick{"ann", "", 60s}, "api key 1"});
    server.run();
    const auto frames = late->read();
    ASSERT_FALSE(frames.empty());
    EXPECT_TRUE(frames.back().starts_with("<close 4403")) << "seed " << seed;
  }
}

TEST(users, a_full_deny_list_says_so_and_forgets_nobody) {
  limits few;
  few.denials_max = 2;
  staffed_server server({.bounds = few});
  auto cid = server.enter(person("cid"));
  server.call(admin::kick{"ann", "", 60s});
  server.call(admin::deny_token{"t1", 30s});
  const auto refused = server.call(admin::kick{"cid", "", 60s});
  ASSERT_FALSE(refused.result);
  EXPECT_EQ(refused.result.error().code, errc::limit_exceeded);
  EXPECT_EQ(cid->read(), list{}) << "a command that failed did nothing";
  EXPECT_TRUE(server.context.denied(*person("ann")));
  EXPECT_TRUE(server.context.denied(*person("x", {}, "t1")));
  server.pass(30s);
  EXPECT_EQ(server.result(admin::kick{"cid", "", 60s}), (json{{"connections", 1}}));
  EXPECT_TRUE(server.context.denied(*person("cid")));
}

TEST(users, admins_command_over_their_connection) {
  staffed_server server({.loops = 2});
  auto root = server.enter(person("root", {"admin"})), ann = server.enter(person("ann", {"staff"}));
  EXPECT_EQ(server.command(root, {{"command", "send_to_user"}, {"user_id", "ann"}, {"message", 1}}),
            (json{{"type", "admin_result"},
                  {"command", "send_to_user"},
                  {"result", {{"connections", 1}}},
                  {"id", 7}}));
  EXPECT_EQ(server.command(root, {{"command", "send_to_role"}, {"role", "staff"}, {"message", 2}})
              .at("result"),
            (json{{"connections", 1}}));
  EXPECT_EQ(notified(ann), (std::vector<json>{1, 2}));
  EXPECT_EQ(server.command(root, {{"command", "announce"}, {"text", "Hi"}}).at("result"),
            json::object());
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), list{"announcement"});
  EXPECT_EQ(frames[0].at("text"), "Hi");
  EXPECT_EQ(server.command(root, {{"command", "kick"}, {"user_id", "ann"}}).at("result"),
            (json{{"connections", 1}}));
  EXPECT_TRUE(put_out(ann, "Kicked"));
  EXPECT_EQ(server.audits,
            (list{"send_to_user|root|ann connections=1", "send_to_role|root|staff connections=1",
                  "announce|root|", "kick|root|ann connections=1"}));
}

TEST(users, nobody_else_commands) {
  staffed_server server;
  auto ann = server.enter(person("ann", {"staff", "Admin", "administrator"})),
       guest = server.enter(nullptr), victim = server.enter(person("victim"));
  for (auto* who : {&ann, &guest})
    for (const json& frame :
         {json{{"command", "kick"}, {"user_id", "victim"}}, json{{"command", "stats"}},
          json{{"command", "no such command"}}, json::object()}) {
      const auto answer = server.command(*who, frame);
      EXPECT_EQ(answer.at("type"), "error");
      EXPECT_EQ(answer.at("code"), "insufficient_permissions");
      EXPECT_EQ(answer.at("message"), "Insufficient permissions: the role 'admin' is needed");
    }
  EXPECT_EQ(victim->read(), list{});
  EXPECT_EQ(server.audits, list(4, "refused admin_command|ann|"));
}

TEST(users, an_admin_is_told_what_is_wrong) {
  staffed_server server;
  auto root = server.enter(person("root", {"admin"}));
  EXPECT_EQ(server.command(root, {{"command", "kick"}}).at("message"), "'user_id' is required");
  EXPECT_EQ(server.command(root, {{"command", "shutdown"}}).at("code"), "bad_request");
  EXPECT_EQ(server.audits, list{});
}

TEST(users, rooms_are_listed_with_their_members_page_by_page) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    staffed_server server({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    std::vector<client> everybody;
    for (const char* room : {"c", "a", "b", "c", "c", "a"})
      everybody.push_back(server.enter(nullptr, room));
    auto root = server.enter(person("root", {"admin"}));
    EXPECT_EQ(server.command(root, {{"command", "rooms"}}).at("result"),
              (json{{"total", 3},
                    {"rooms",
                     {{{"room", "a"}, {"members", 2}},
                      {{"room", "b"}, {"members", 1}},
                      {{"room", "c"}, {"members", 3}}}}}))
      << "seed " << seed;
    const auto first = server.result(admin::list_rooms{{.limit = 2}});
    EXPECT_EQ(first.at("rooms").size(), 2u);
    EXPECT_EQ(first.at("next"), "b");
    EXPECT_EQ(server.result(admin::list_rooms{{.after = "b", .limit = 2}}),
              (json{{"total", 3}, {"rooms", {{{"room", "c"}, {"members", 3}}}}}));
    EXPECT_EQ(server.result(admin::list_rooms{{.after = "z"}}),
              (json{{"total", 3}, {"rooms", json::array()}}));
  }
}

TEST(users, presence_names_who_is_in_a_room_and_makes_none) {
  staffed_server server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.enter(person("ann"), "r"), again = server.enter(person("ann"), "r"),
       guest = server.enter(nullptr, "r");
  const auto read = [&](std::string room, std::string after, std::uint32_t limit) {
    return admin::show_presence{{audience_kind::room, std::move(room), std::move(after), limit}};
  };
  const json two{{"user", "name of ann"}, {"user_id", "ann"}, {"connections", 2}};
  const auto all = server.result(read("r", "", 100));
  const std::string from = all.at("users")[0].at("from");
  const json one{{"user", "Anonymous"}, {"from", from}, {"connections", 1}};
  EXPECT_EQ(all, (json{{"type", "presence"}, {"room", "r"}, {"count", 2}, {"users", {one, two}}}));
  const auto first = server.result(read("r", "", 1));
  EXPECT_EQ(first.at("users"), json{one});
  const auto rest = server.result(read("r", first.at("next"), 1));
  EXPECT_EQ(rest.at("users"), json{two});
  EXPECT_FALSE(rest.contains("next"));
  const auto none = server.call(read("elsewhere", "", 1));
  ASSERT_FALSE(none.result);
  EXPECT_EQ(none.result.error().code, errc::not_found);
  EXPECT_EQ(server.result(admin::list_rooms{}).at("total"), 1);
}

TEST(users, connections_are_listed_by_user) {
  staffed_server server({.loops = 2});
  auto first = server.enter(person("ann")), second = server.enter(person("ann")),
       ben = server.enter(person("ben")), guest = server.enter(nullptr);
  EXPECT_EQ(server.result(admin::list_users{}),
            (json{{"connections", 4},
                  {"authenticated", 3},
                  {"users",
                   {{{"user_id", "ann"}, {"username", "name of ann"}, {"connections", 2}},
                    {{"user_id", "ben"}, {"username", "name of ben"}, {"connections", 1}}}}}));
  const auto page = server.result(admin::list_users{{.limit = 1}});
  EXPECT_EQ(page.at("users").size(), 1u);
  EXPECT_EQ(page.at("next"), "ann");
}

TEST(users, figures_count_what_is_there) {
  staffed_server server({.loops = 2});
  auto ann = server.enter(person("ann"), "r"), guest = server.enter(nullptr);
  server.say(guest, {{"type", "subscribe"}, {"topics", {"a", "b"}}});
  server.call(admin::deny_token{"t", 60s});
  server.pass(3s);
  auto root = server.enter(person("root", {"admin"}));
  EXPECT_EQ(server.command(root, {{"command", "stats"}}).at("result"), (json{{"server", "Troupe"},
                                                                             {"uptime_seconds", 3},
                                                                             {"connections", 3},
                                                                             {"authenticated", 2},
                                                                             {"users", 2},
                                                                             {"rooms", 1},
                                                                             {"topics", 2},
                                                                             {"denials", 1}}));
}

TEST(users, what_services_only_ask_is_not_in_the_audit_log) {
  staffed_server server;
  server.call(admin::stats{});
  server.call(admin::list_rooms{});
  server.call(admin::list_users{});
  EXPECT_EQ(server.audits, list{});
  server.call(admin::kick{"ann", "", 60s});
  server.call(admin::deny_token{"t1", 60s});
  server.call(admin::announce{"Hi"});
  EXPECT_EQ(server.audits,
            (list{"kick|api key 1|ann seconds=60 connections=0",
                  "deny_token|api key 1|t1 seconds=60 connections=0", "announce|api key 1|"}));
}

} // namespace
} // namespace troupe::test
