// The server as a service on a bus: what a call asks for, and how it is answered.
#include "server/bridges/tail_command.hpp"
#include "troupe/bus/service_calls.hpp"
#include "troupe/bus/service_discovery.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace troupe;
using nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

namespace {

const service::self someone{"desk", "1.2.3", "id7"};
constexpr wall_time noon{std::chrono::milliseconds(1'767'225'600'123)}; // 2026-01-01

template <class T>
T command_of(std::string_view method, const json& arguments) {
  auto asked = service::read_request(method, arguments.dump(), "", {});
  if (!asked.what) {
    ADD_FAILURE() << method << arguments << " is refused: " << asked.what.error().message;
    return {};
  }
  auto& command = *asked.what;
  if constexpr (std::is_same_v<T, post>)
    return std::get<post>(command);
  else
    return std::get<T>(std::get<admin::command>(command));
}

error error_in(std::string_view method, std::string_view arguments, const limits& bounds = {}) {
  auto asked = service::read_request(method, arguments, "", bounds);
  EXPECT_FALSE(asked.what) << method << arguments;
  return asked.what ? error{} : asked.what.error();
}

} // namespace

TEST(service_calls, every_method_reads_its_arguments) {
  EXPECT_EQ(command_of<admin::announce>("send_announcement", {{"text", "hi"}}).text, "hi");
  const auto to_user =
    command_of<admin::send>("send_to_user", {{"user_id", 7}, {"message", {{"a", 1}}}});
  EXPECT_EQ(to_user.to, admin::send::target::user);
  EXPECT_EQ(to_user.name, "7");
  EXPECT_EQ(to_user.message, R"({"a":1})");
  const auto to_role =
    command_of<admin::send>("send_to_role", {{"role", "staff"}, {"message", "m"}});
  EXPECT_EQ(to_role.to, admin::send::target::role);
  EXPECT_EQ(to_role.name, "staff");
  EXPECT_EQ(to_role.message, R"("m")");
  const auto topic = command_of<post>(
    "send_to_topic", {{"topic", "a.b"}, {"message", {1, 2}}, {"event", "e"}, {"msg_id", "i"}});
  EXPECT_EQ(topic.kind, audience_kind::topic);
  EXPECT_EQ(topic.name, "a.b");
  EXPECT_EQ(topic.content, "[1,2]");
  EXPECT_EQ(topic.event, "e");
  EXPECT_EQ(topic.msg_id, "i");
  const auto room = command_of<post>("send_to_room", {{"room", "r"}, {"message", "m"}});
  EXPECT_EQ(room.kind, audience_kind::room);
  EXPECT_EQ(room.name, "r");
  EXPECT_EQ(room.user, "server");
  for (const auto* unseen : {R"("\u009b")", R"("A\u200bnn")", R"("\u2028")", R"(" ")"})
    EXPECT_THAT(
      error_in("send_to_room", R"({"room":"r","message":1,"user":)" + std::string(unseen) + "}")
        .message,
      HasSubstr("'user'"));
  const auto kick = command_of<admin::kick>("kick", {{"user_id", "u"}, {"deny_seconds", 5}});
  EXPECT_EQ(kick.user, "u");
  EXPECT_EQ(kick.deny, 5s);
  command_of<admin::stats>("stats", json::object());
  EXPECT_EQ(command_of<admin::deny_token>("deny_token", {{"jti", "t"}, {"seconds", 5}}).time, 5s);
  EXPECT_EQ(command_of<admin::list_topics>("topics", {{"limit", 7}}).which.limit, 7u);
  EXPECT_EQ(command_of<admin::show_presence>("presence", {{"room", "r"}}).which.name, "r");
  EXPECT_EQ(command_of<admin::show_user>("user", {{"user_id", 7}}).user, "7");
  EXPECT_TRUE(
    std::holds_alternative<admin::command>(service::read_request("stats", "", "", {}).what.value()))
    << "no arguments are none";
  EXPECT_TRUE(std::holds_alternative<service::show_info>(
    service::read_request("get_service_info", "{}", "", {}).what.value()));
}

TEST(service_calls, a_failure_names_the_field) {
  const std::pair<const char*, const char*> wrong[] = {
    {"send_announcement", "text"}, {"send_to_user", "user_id"},
    {"send_to_role", "role"},      {"send_to_topic", "topic"},
    {"send_to_room", "room"},      {"kick", "user_id"},
    {"kick_from_room", "room"},    {"mute", "room"},
    {"close_room", "room"}};
  for (const auto& [method, field] : wrong) {
    const auto why = error_in(method, R"({"correlation_id":"c","message":1})");
    EXPECT_EQ(why.code, errc::bad_request) << method;
    EXPECT_THAT(why.message, HasSubstr(std::string("'") + field + "'")) << method;
  }
  EXPECT_THAT(error_in("send_to_user", R"({"user_id":"u"})").message, HasSubstr("'message'"));
  EXPECT_EQ(error_in("send_to_topic", R"({"topic":"a.>","message":1})").code, errc::invalid_name);
  EXPECT_EQ(error_in("send_to_room", "{\"room\":\"a\\r\\nb\",\"message\":1}").code,
            errc::invalid_name);
}

TEST(service_calls, what_is_no_call_is_refused) {
  EXPECT_EQ(error_in("nope", "{}").message, "Unknown method: nope");
  EXPECT_EQ(error_in("announce", "{}").code, errc::not_found);
  EXPECT_EQ(error_in("\xff\xfe", "{}").message, "Unknown method");
  EXPECT_EQ(error_in(std::string(10'240, 'x'), "{}").message, "Unknown method");
  EXPECT_EQ(error_in("stats", "[]").code, errc::bad_json);
  EXPECT_EQ(error_in("stats", "{\"a\":\"\xff\"}").code, errc::bad_json);
  limits small;
  small.http_body_bytes_max = 10;
  EXPECT_EQ(error_in("stats", R"({"a":"0123456789"})", small).code, errc::bad_request);
}

TEST(service_calls, answers_have_the_shape_of_the_framework) {
  EXPECT_EQ(service::result_answer("[1]", noon, "\"c1\""),
            R"({"success":true,"result":[1],"timestamp":"2026-01-01T00:00:00.123+00:00",)"
            R"("correlation_id":"c1"})");
  EXPECT_EQ(service::error_answer({errc::bad_request, "'a' is \"wrong\"\n"}, noon, ""),
            R"({"success":false,"error":"'a' is \"wrong\"\n","code":"bad_request",)"
            R"("timestamp":"2026-01-01T00:00:00.123+00:00","correlation_id":null})");
}

TEST(service_calls, the_correlation_id_comes_back_unless_it_is_none) {
  const auto of = [](const std::string& text, const std::string& beside = {}) {
    return service::read_request("stats", text, beside, {}).correlation;
  };
  EXPECT_EQ(of(R"({"correlation_id":"corr_1"})"), R"("corr_1")");
  EXPECT_EQ(of(R"({"correlation_id":7})"), "");
  EXPECT_EQ(of(R"({"correlation_id":")" + std::string(10'240, 'x') + "\"}"), "");
  EXPECT_EQ(of("{}"), "");
  EXPECT_EQ(of("", "from \"a\" header"), R"("from \"a\" header")");
  EXPECT_EQ(of(R"({"correlation_id":"inside"})", "outside"), R"("inside")");
  EXPECT_EQ(of("no JSON", "outside"), R"("outside")");
  EXPECT_EQ(of("{}", std::string(10'240, 'x')), "");
  EXPECT_EQ(of("{}", "\xff"), "");
}

TEST(service_calls, info_lists_the_methods) {
  const auto info = json::parse(service::info_json(someone, "Server \"1\""));
  EXPECT_EQ(info["name"], "desk");
  EXPECT_EQ(info["version"], "1.2.3");
  EXPECT_EQ(info["server"], "Server \"1\"");
  EXPECT_EQ(info["rpc_methods"].size(), service::methods.size());
  EXPECT_EQ(info["subjects"]["rpc"], "desk.rpc.*");
}

TEST(service_discovery, every_subject_is_answered_and_no_other) {
  const auto subjects = service::discovery_subjects(someone);
  EXPECT_THAT(subjects,
              testing::UnorderedElementsAre(
                "$SRV.PING", "$SRV.PING.desk", "$SRV.PING.desk.id7", "$SRV.INFO", "$SRV.INFO.desk",
                "$SRV.INFO.desk.id7", "$SRV.STATS", "$SRV.STATS.desk", "$SRV.STATS.desk.id7"));
  for (const auto& subject : subjects) {
    const auto answer = json::parse(service::discovery_answer(subject, someone, noon, {}));
    EXPECT_EQ(answer["name"], "desk");
    EXPECT_EQ(answer["id"], "id7");
    EXPECT_EQ(answer["version"], "1.2.3");
    EXPECT_TRUE(answer["metadata"].is_object());
  }
  EXPECT_EQ(service::discovery_answer("$SRV.STOP", someone, noon, {}), "");
  EXPECT_EQ(service::discovery_answer("other", someone, noon, {}), "");
}

TEST(service_discovery, answers_are_those_of_the_specification) {
  const auto answer = [](const char* verb, const service::figures& so_far = {}) {
    return json::parse(service::discovery_answer(verb, someone, noon, so_far));
  };
  EXPECT_EQ(answer("$SRV.PING")["type"], "io.nats.micro.v1.ping_response");
  const auto info = answer("$SRV.INFO");
  EXPECT_EQ(info["type"], "io.nats.micro.v1.info_response");
  EXPECT_TRUE(info["description"].is_string());
  ASSERT_EQ(info["endpoints"].size(), service::methods.size());
  EXPECT_EQ(info["endpoints"][0]["name"], "send_announcement");
  EXPECT_EQ(info["endpoints"][0]["subject"], "desk.rpc.send_announcement");
  service::figures so_far;
  so_far[service::number_of("kick")] = {4, 1, "why \"so\"", std::chrono::nanoseconds(100)};
  const auto stats = answer("$SRV.STATS", so_far);
  EXPECT_EQ(stats["type"], "io.nats.micro.v1.stats_response");
  EXPECT_EQ(stats["started"], "2026-01-01T00:00:00.123Z");
  const auto& kick = stats["endpoints"][service::number_of("kick")];
  EXPECT_EQ(kick["name"], "kick");
  EXPECT_EQ(kick["num_requests"], 4);
  EXPECT_EQ(kick["num_errors"], 1);
  EXPECT_EQ(kick["last_error"], "why \"so\"");
  EXPECT_EQ(kick["processing_time"], 100);
  EXPECT_EQ(kick["average_processing_time"], 25);
  EXPECT_EQ(stats["endpoints"][0]["average_processing_time"], 0);
}

TEST(tail, a_line_holds_whatever_came_by) {
  const auto line = [](std::string_view payload) { return tail_line({"a.b", "", payload}, "T"); };
  EXPECT_EQ(line("{\"a\":\n [1,\r\n2]}"), R"({"time":"T","subject":"a.b","data":{"a":  [1,  2]}})");
  EXPECT_EQ(line("7"), R"({"time":"T","subject":"a.b","data":7})");
  EXPECT_EQ(line("two\nlines"), R"({"time":"T","subject":"a.b","text":"two\nlines"})");
  EXPECT_EQ(line(""), R"({"time":"T","subject":"a.b","text":""})");
  EXPECT_EQ(line("\xff\x01"), R"({"time":"T","subject":"a.b","base64":"/wE="})");
  EXPECT_EQ(tail_line({"s", "_INBOX.1", "{}"}, "T"),
            R"({"time":"T","subject":"s","reply":"_INBOX.1","data":{}})");
  const auto odd = tail_line({"a\xff\n", "", "1"}, "T");
  EXPECT_EQ(odd.find('\n'), std::string::npos);
  EXPECT_TRUE(json::accept(odd)) << odd;
}
