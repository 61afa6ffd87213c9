// Admin commands as a client's frame and as a call of the API tell them.
#include "server/net/api_routes.hpp"
#include "server/text/url.hpp"
#include "troupe/users/admin_results.hpp"
#include "troupe/wire/client_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

namespace http = boost::beast::http;

result<admin::command> by_frame(const std::string& fields) {
  const std::string text = R"({"type":"admin_command","id":1,)" + fields + "}";
  auto frame = decode(text, {});
  if (!frame) {
    ADD_FAILURE() << text << ": only the command itself may be wrong";
    return fail(errc::internal);
  }
  EXPECT_EQ(frame->id, "1");
  return std::get<client::admin_command>(std::move(frame->body)).what;
}

template <class Command>
Command framed(const std::string& fields) {
  auto command = by_frame(fields);
  if (!command) {
    ADD_FAILURE() << fields << ": " << command.error().message;
    return {};
  }
  return std::get<Command>(*std::move(command));
}

result<api_request, http_response> by_call(http::verb method, const std::string& target,
                                           const std::string& body = {}) {
  http_request request{method, target, 11};
  request.body() = body;
  return read_api_request(request, split_target(target).path, {});
}

template <class Command>
Command called(http::verb method, const std::string& target, const std::string& body = {}) {
  auto read = by_call(method, target, body);
  if (!read) {
    ADD_FAILURE() << target << ": " << read.error().body;
    return {};
  }
  return std::get<Command>(std::get<admin::command>(*std::move(read)));
}

void expect_refused(http::verb method, const std::string& target, const std::string& body,
                    unsigned status, const std::string& message) {
  const auto read = by_call(method, target, body);
  ASSERT_FALSE(read) << target << " " << body;
  EXPECT_EQ(read.error().status, status) << target << " " << body;
  EXPECT_THAT(read.error().body, HasSubstr(message)) << target;
}

TEST(admin_commands, a_frame_tells_each) {
  EXPECT_EQ(framed<admin::announce>(R"("command":"announce","text":"Hi")").text, "Hi");
  const auto user =
    framed<admin::send>(R"("command":"send_to_user","user_id":"u1","message":{"a": 1.0})");
  EXPECT_EQ(user.to, admin::send::target::user);
  EXPECT_EQ(user.name, "u1");
  EXPECT_EQ(user.message, R"({"a": 1.0})");
  const auto role =
    framed<admin::send>(R"("command":"send_to_role","role":"staff","message":null)");
  EXPECT_EQ(role.to, admin::send::target::role);
  EXPECT_EQ(role.name, "staff");
  EXPECT_EQ(role.message, "null");
  const auto kick = framed<admin::kick>(R"("command":"kick","user_id":"u1","reason":"Spam")");
  EXPECT_EQ(kick.user, "u1");
  EXPECT_EQ(kick.reason, "Spam");
  EXPECT_EQ(kick.deny, std::nullopt);
  EXPECT_EQ(framed<admin::kick>(R"("command":"kick","user_id":"u","deny_seconds":60)").deny, 60s);
  EXPECT_EQ(framed<admin::kick>(R"("command":"kick","user_id":"u","deny_seconds":0)").deny, 0s);
  EXPECT_EQ(framed<admin::list_rooms>(R"("command":"rooms")").which.limit, 100u);
  const auto rooms = framed<admin::list_rooms>(R"("command":"rooms","after":"b","limit":7)").which;
  EXPECT_EQ(rooms.after, "b");
  EXPECT_EQ(rooms.limit, 7u);
  framed<admin::stats>(R"("command":"stats")");
  const auto members =
    framed<admin::show_presence>(R"("command":"presence","room":"poll/1","after":"b")");
  EXPECT_EQ(members.which.name, "poll/1");
  EXPECT_EQ(members.which.after, "b");
  EXPECT_EQ(framed<admin::show_presence>(R"("command":"presence","topic":"t")").which.kind,
            audience_kind::topic);
  EXPECT_EQ(framed<admin::list_users>(R"("command":"connections","limit":7)").which.limit, 7u);
  const auto deny = framed<admin::deny_token>(R"("command":"deny_token","jti":"t1","seconds":0)");
  EXPECT_EQ(deny.token_id, "t1");
  EXPECT_EQ(deny.time, 0s);
}

TEST(admin_commands, say_for_how_long_and_why_for_the_audit_log) {
  const auto of = [](const admin::command& what) {
    return std::pair{admin::seconds_of(what), std::string(admin::reason_of(what))};
  };
  using expected = std::pair<std::optional<std::uint64_t>, std::string>;
  EXPECT_EQ(of(admin::kick{"u", "Spam", 60s}), (expected{60, "Spam"}));
  EXPECT_EQ(of(admin::kick{"u", "", {}}), (expected{}));
  EXPECT_EQ(of(admin::kick_from_room{"r", {}, "Spam", 0s}), (expected{0, "Spam"}));
  EXPECT_EQ(of(admin::deny_token{"t", 5s}), (expected{5, ""}));
  EXPECT_EQ(of(admin::ban{{}, 5s, "Flood"}), (expected{5, "Flood"}));
  EXPECT_EQ(of(admin::mute{"r", {}, 0s}), (expected{0, ""}));
  EXPECT_EQ(of(admin::close_room{"r", "Over"}), (expected{std::nullopt, "Over"}));
  EXPECT_EQ(of(admin::stats{}), (expected{}));
}

TEST(admin_commands, a_ban_names_an_address_or_a_network) {
  using enum http::verb;
  const auto ban = called<admin::ban>(post, "/api/v1/bans",
                                      R"({"address":"192.0.2.0/24","seconds":5,"reason":"Flood"})");
  EXPECT_EQ(ban.whom.to_string(), "192.0.2.0/24");
  EXPECT_EQ(ban.time, 5s);
  EXPECT_EQ(ban.reason, "Flood");
  EXPECT_EQ(framed<admin::ban>(R"("command":"ban_address","address":"2001:db8::1","seconds":1)")
              .whom.to_string(),
            "2001:db8::1/128");
  EXPECT_EQ(called<admin::lift_ban>(delete_, "/api/v1/bans/192.0.2.0%2F24").whom, ban.whom);
  EXPECT_EQ(called<admin::lift_ban>(delete_, "/api/v1/bans/192.0.2.0/24").whom, ban.whom);
  EXPECT_EQ(called<admin::list_bans>(get, "/api/v1/bans?limit=3").which.limit, 3u);
  for (const char* wrong : {"", "192.0.2.1/24", "192.0.2.0/33", "example.org", "0.0.0.0/0", "::/0",
                            "10.0.0.0/7", "2000::/15", "::/16", "::fffe:0:0/95", "::ffff:0:0/96"})
    expect_refused(post, "/api/v1/bans", json{{"address", wrong}, {"seconds", 5}}.dump(), 400,
                   "'address'");
  expect_refused(post, "/api/v1/bans", R"({"address":"192.0.2.1"})", 400, "'seconds'");
  expect_refused(delete_, "/api/v1/bans/x", {}, 400, "'address'");
  expect_refused(delete_, "/api/v1/bans", {}, 405, "Only POST and GET");
  expect_refused(post, "/api/v1/bans/192.0.2.1", "{}", 405, "Only DELETE");
}

TEST(admin_commands, of_a_room_name_it_and_one_user_or_connection) {
  using enum http::verb;
  const auto kick = framed<admin::kick_from_room>(
    R"("command":"kick_from_room","room":"r","user_id":7,"reason":"Spam","deny_seconds":9)");
  EXPECT_EQ(kick.room, "r");
  EXPECT_EQ(kick.whom.user, "7");
  EXPECT_EQ(kick.reason, "Spam");
  EXPECT_EQ(kick.deny, 9s);
  const auto mute = called<admin::mute>(post, "/api/v1/rooms/poll/1/mute",
                                        R"({"connection_id":"abcdefghijklm","seconds":0})");
  EXPECT_EQ(mute.room, "poll/1");
  EXPECT_EQ(mute.whom.user, "");
  EXPECT_EQ(mute.whom.connection, "abcdefghijklm");
  EXPECT_EQ(mute.time, 0s);
  EXPECT_EQ(called<admin::close_room>(post, "/api/v1/rooms/r/close").room, "r");
  EXPECT_EQ(called<admin::close_room>(post, "/api/v1/rooms/r/close", R"({"reason":"Over"})").reason,
            "Over");
  EXPECT_EQ(called<admin::kick_from_room>(post, "/api/v1/rooms/r/kick", R"({"user_id":"u"})").deny,
            std::nullopt);
  expect_refused(post, "/api/v1/rooms/r/kick", "{}", 400, "'user_id' and 'connection_id'");
  expect_refused(post, "/api/v1/rooms/r/kick", R"({"user_id":"u","connection_id":"c"})", 400,
                 "One of");
  expect_refused(post, "/api/v1/rooms/r/mute", R"({"user_id":"u"})", 400, "'seconds'");
  expect_refused(post, "/api/v1/rooms/r/mute", R"({"user_id":"u","seconds":31622401})", 400,
                 "'seconds'");
  expect_refused(post, "/api/v1/rooms/a..b/close", "", 400, "room name");
}

TEST(admin_commands, a_user_id_may_be_a_number) {
  EXPECT_EQ(framed<admin::kick>(R"("command":"kick","user_id":42)").user, "42");
}

TEST(admin_commands, what_is_wrong_with_a_frame_is_named) {
  const std::pair<const char*, const char*> wrong[] = {
    {R"("x":1)", "'command'"},
    {R"("command":5)", "'command'"},
    {R"("command":"shutdown")", "'command'"},
    {R"("command":"announce")", "'text'"},
    {R"("command":"send_to_user","message":1)", "'user_id'"},
    {R"("command":"send_to_user","user_id":"","message":1)", "'user_id'"},
    {R"("command":"send_to_user","user_id":1.5,"message":1)", "'user_id'"},
    {R"("command":"send_to_user","user_id":["a"],"message":1)", "'user_id'"},
    {R"("command":"send_to_user","user_id":"u")", "'message'"},
    {R"("command":"send_to_role","message":1)", "'role'"},
    {R"("command":"kick")", "'user_id'"},
    {R"("command":"kick","user_id":"u","deny_seconds":-1)", "'deny_seconds'"},
    {R"("command":"kick","user_id":"u","deny_seconds":"60")", "'deny_seconds'"},
    {R"("command":"kick","user_id":"u","deny_seconds":1e3)", "'deny_seconds'"},
    {R"("command":"kick","user_id":"u","deny_seconds":99999999999999999999)", "'deny_seconds'"},
    {R"("command":"rooms","limit":0)", "'limit'"},
    {R"("command":"rooms","limit":1001)", "'limit'"},
  };
  for (const auto& [fields, named] : wrong) {
    const auto command = by_frame(fields);
    ASSERT_FALSE(command) << fields;
    EXPECT_EQ(command.error().code, errc::bad_request);
    EXPECT_THAT(command.error().message, HasSubstr(named)) << fields;
  }
  const std::string reason(124, 'r');
  EXPECT_FALSE(by_frame(R"("command":"kick","user_id":"u","reason":")" + reason + "\""));
}

TEST(admin_commands, a_call_of_the_api_tells_each) {
  using enum http::verb;
  EXPECT_EQ(called<admin::announce>(post, "/api/v1/announce", R"({"text":"Hi"})").text, "Hi");
  const auto user = called<admin::send>(post, "/api/v1/users/a%2Fb%20c/send", R"({"message":[1]})");
  EXPECT_EQ(user.to, admin::send::target::user);
  EXPECT_EQ(user.name, "a/b c");
  EXPECT_EQ(user.message, "[1]");
  const auto role = called<admin::send>(post, "/api/v1/roles/staff/send", R"({"message":"x"})");
  EXPECT_EQ(role.to, admin::send::target::role);
  EXPECT_EQ(role.name, "staff");
  const auto kick = called<admin::kick>(post, "/api/v1/users/u1/disconnect",
                                        R"({"reason":"Spam","deny_seconds":60})");
  EXPECT_EQ(kick.user, "u1");
  EXPECT_EQ(kick.reason, "Spam");
  EXPECT_EQ(kick.deny, 60s);
  EXPECT_EQ(called<admin::kick>(post, "/api/v1/users/u1/disconnect").deny, std::nullopt);
  const auto deny =
    called<admin::deny_token>(post, "/api/v1/tokens/deny", R"({"jti":"t1","seconds":5})");
  EXPECT_EQ(deny.token_id, "t1");
  EXPECT_EQ(deny.time, 5s);
  EXPECT_EQ(called<admin::list_rooms>(get, "/api/v1/rooms").which.limit, 100u);
  const auto page = called<admin::list_rooms>(get, "/api/v1/rooms?limit=7&after=a%2fb").which;
  EXPECT_EQ(page.after, "a/b");
  EXPECT_EQ(page.limit, 7u);
  const auto members =
    called<admin::show_presence>(get, "/api/v1/rooms/poll/1/presence?after=Zo%C3%AB");
  EXPECT_EQ(members.which.name, "poll/1");
  EXPECT_EQ(members.which.kind, audience_kind::room);
  EXPECT_EQ(members.which.after, "Zo\xc3\xab");
  const auto subscribers = called<admin::show_presence>(get, "/api/v1/topics/a.b/presence?limit=3");
  EXPECT_EQ(subscribers.which.name, "a.b");
  EXPECT_EQ(subscribers.which.kind, audience_kind::topic);
  EXPECT_EQ(subscribers.which.limit, 3u);
  EXPECT_EQ(called<admin::list_users>(get, "/api/v1/connections?limit=1").which.limit, 1u);
  EXPECT_EQ(called<admin::list_topics>(get, "/api/v1/topics?limit=3").which.limit, 3u);
  EXPECT_EQ(called<admin::show_room>(get, "/api/v1/rooms/poll/1").room, "poll/1");
  EXPECT_EQ(called<admin::show_topic>(get, "/api/v1/topics/a.b").topic, "a.b");
  EXPECT_EQ(called<admin::show_connection>(get, "/api/v1/connections/abc").connection, "abc");
  const auto shown = called<admin::show_user>(get, "/api/v1/users/a%2Fb?limit=2");
  EXPECT_EQ(shown.user, "a/b");
  EXPECT_EQ(shown.which.limit, 2u);
  called<admin::stats>(get, "/api/v1/stats");
}

TEST(admin_commands, a_wrong_call_gets_the_status_that_fits) {
  using enum http::verb;
  expect_refused(get, "/api/v1/users/u/send", {}, 405, "Only POST");
  expect_refused(post, "/api/v1/rooms", {}, 405, "Only GET");
  expect_refused(post, "/api/v1/users//send", R"({"message":1})", 404, "No such path");
  expect_refused(post, "/api/v1/users/u/kill", "{}", 404, "No such path");
  expect_refused(post, "/api/v1/users/%zz/send", R"({"message":1})", 400, "Not a valid user");
  expect_refused(post, "/api/v1/users/%ff/send", R"({"message":1})", 400, "Not a valid user");
  expect_refused(post, "/api/v1/users/u/send", "", 400, "bad_json");
  expect_refused(post, "/api/v1/users/u/send", "{}", 400, "'message'");
  expect_refused(post, "/api/v1/users/u/disconnect", "nonsense", 400, "bad_json");
  expect_refused(post, "/api/v1/tokens/deny", R"({"jti":"t"})", 400, "'seconds'");
  expect_refused(post, "/api/v1/tokens/deny", R"({"jti":"t","seconds":-1})", 400, "'seconds'");
  expect_refused(post, "/api/v1/tokens/deny", R"({"seconds":5})", 400, "'jti'");
  expect_refused(get, "/api/v1/rooms?limit=0", {}, 400, "'limit'");
  expect_refused(get, "/api/v1/rooms?limit=1001", {}, 400, "'limit'");
  expect_refused(get, "/api/v1/rooms?limit=all", {}, 400, "'limit'");
  expect_refused(get, "/api/v1/rooms/a..b/presence", {}, 400, "room name");
  expect_refused(get, "/api/v1/topics/a..b/presence", {}, 400, "topic name");
  expect_refused(get, "/api/v1/topics/a/presence?limit=0", {}, 400, "'limit'");
}

TEST(admin_commands, answers_are_json_whatever_is_in_them) {
  const std::string odd = "a\"\\\n\xe2\x80\xa8";
  EXPECT_EQ(json::parse(admin::audiences_json(audience_kind::room,
                                              {{{odd, {}}, {"b", {}}}, true, 9}, {3, 0})),
            (json{{"total", 9},
                  {"rooms", {{{"room", odd}, {"members", 3}}, {{"room", "b"}, {"members", 0}}}},
                  {"next", "b"}}));
  EXPECT_EQ(json::parse(admin::audiences_json(audience_kind::room, {{}, false, 0}, {})),
            (json{{"total", 0}, {"rooms", json::array()}}));
  EXPECT_EQ(json::parse(admin::audiences_json(audience_kind::topic, {{{"t", {}}}, false, 1}, {4})),
            (json{{"total", 1}, {"topics", {{{"topic", "t"}, {"subscribers", 4}}}}}));
  EXPECT_EQ(json::parse(admin::figures_json(odd, {.users = 5})).at("users"), 5);
}

} // namespace
} // namespace troupe
