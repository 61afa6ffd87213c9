// What a bridge's rule makes of an event: for whom, and which bytes of the payload; and what it
// skips.
#include "troupe/bus/bridge_rule.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace troupe;
using nlohmann::json;
using namespace std::string_literals;

namespace {

constexpr std::size_t bytes_max = 256 * 1024;

bridge_template text(std::string_view source) {
  return bridge_template::parse(source).value();
}

bridge_rule to_topic(std::string subject, std::string_view topic) {
  bridge_rule rule{std::move(subject)};
  rule.name = text(topic);
  return rule;
}

// The event as one line: `topic orders.7 order_update ,"data":{}`, or why it was skipped.
std::string made(const bridge_rule& rule, std::string_view subject, std::string_view payload) {
  const auto event = shape(rule, subject, payload, bytes_max);
  if (!event)
    return "skipped: "s + std::string(bridge_error_names[static_cast<std::size_t>(event.error())]);
  EXPECT_TRUE(json::accept(R"({"type":"x")" + event->members + "}")) << event->members;
  return std::string(bridge_target_names[static_cast<std::size_t>(event->to)]) + " " + event->name +
         " " + event->type + " " + event->members;
}

std::string by_default(std::string_view subject, std::string_view payload) {
  for (const auto& rule : default_bridge_rules())
    if (captured any; capture(rule.subject, subject, any))
      return made(rule, subject, payload);
  return "no rule";
}

} // namespace

TEST(bridge_rule, the_default_rules_are_those_of_the_guide) {
  EXPECT_EQ(by_default("order.created", R"({"id":7,"topic":"orders.7"})"),
            R"(topic orders.7 order_update ,"data":{"id":7,"topic":"orders.7"})");
  EXPECT_EQ(by_default("order.created", R"({"id":7})"),
            R"(topic order.update order_update ,"data":{"id":7})");
  EXPECT_EQ(by_default("payment.completed", R"({"order_id":"o1","amount":9.50,"card":"4111"})"),
            R"(topic payments payment_completed ,"order_id":"o1","amount":9.50)");
  EXPECT_EQ(by_default("notification.sent", R"({"user_id":"u1","message":"hi"})"),
            R"(user u1 notification ,"message":"hi","data":{"user_id":"u1","message":"hi"})");
  EXPECT_EQ(by_default("notification.sent", R"({"user_id":42,"text":"hi"})"),
            R"(user 42 notification ,"data":{"user_id":42,"text":"hi"})");
  EXPECT_EQ(by_default("notification.sent", R"({"message":"hi"})"),
            R"(everyone  notification ,"message":"hi","data":{"message":"hi"})");
  EXPECT_EQ(by_default("payment.failed", "{}"), "no rule");
  EXPECT_EQ(by_default("order.item.created", "{}"), "no rule");
}

TEST(bridge_rule, what_is_meant_for_one_never_goes_to_everyone) {
  for (const auto* id : {"[]", R"(["u1"])", "{}", "true", "\"\"", R"("a\u0000b")", R"("a\r\nb")"})
    EXPECT_EQ(by_default("notification.sent", R"({"user_id":)"s + id + "}").substr(0, 8),
              "skipped:")
      << id;
  for (const auto* payload : {"\"hi\"", "7", "[]", "null", "hi", ""})
    EXPECT_EQ(by_default("notification.sent", payload), "skipped: payload") << payload;
  EXPECT_EQ(by_default("notification.sent", R"({"user_id":")" + std::string(10'000, 'u') + "\"}"),
            "skipped: field");
  EXPECT_EQ(by_default("notification.sent", R"({"user_id":")" + std::string(513, 'u') + "\"}"),
            "skipped: name");
}

TEST(bridge_rule, parts_of_a_payload_stay_as_they_were_written) {
  auto rule = to_topic("s", "t");
  EXPECT_EQ(made(rule, "s", " \n{ \"a\" : 1.0e+2 , \"b\":\"\\u00e9\\/\" }\t"),
            "topic t publication ,\"data\":{ \"a\" : 1.0e+2 , \"b\":\"\\u00e9\\/\" }");
  rule.data = false;
  rule.fields = {{"b", "c"},
                 {"a"},
                 {"none"},
                 {"a", "none"},
                 picked_field(std::vector<std::string>{"b", "d"}, "zero")};
  EXPECT_EQ(made(rule, "s", R"({"a":[1 ,2],"b":{"c":"x\"y","d":0},"e":1})"),
            R"(topic t publication ,"c":"x\"y","a":[1 ,2],"zero":0)");
}

TEST(bridge_rule, a_payload_of_any_kind_may_be_passed_on_whole) {
  const auto rule = to_topic("s", "t");
  EXPECT_EQ(made(rule, "s", " 7 "), R"(topic t publication ,"data":7)");
  EXPECT_EQ(made(rule, "s", "\"x\""), R"(topic t publication ,"data":"x")");
  EXPECT_EQ(made(rule, "s", "null"), R"(topic t publication ,"data":null)");
}

TEST(bridge_rule, what_is_no_json_is_skipped) {
  const auto rule = to_topic("s", "t");
  for (const auto& bad : {""s, " "s, "{"s, "{}{}"s, "{'a':1}"s, "{\"a\":1,}"s, "nan"s,
                          "{\"a\":\"\xff\"}"s, "{\"a\":1,\"a\":2}"s, "{}\0"s,
                          std::string(65, '[') + std::string(65, ']'), "{\"a\":\"\n\"}"s})
    EXPECT_EQ(made(rule, "s", bad), "skipped: payload") << bad;
  EXPECT_EQ(made(rule, "s", "\"" + std::string(bytes_max, 'a') + "\""), "skipped: size");
}

TEST(bridge_rule, text_and_bytes_become_strings) {
  auto rule = to_topic("s", "t");
  rule.payload = bridge_content::text;
  EXPECT_EQ(made(rule, "s", "a \"b\"\r\n{"), R"(topic t publication ,"data":"a \"b\"\r\n{")");
  EXPECT_EQ(made(rule, "s", ""), R"(topic t publication ,"data":"")");
  EXPECT_EQ(made(rule, "s", "\xff"), "skipped: payload");
  EXPECT_EQ(made(rule, "s", std::string(bytes_max, '\1')), "skipped: size");
  rule.payload = bridge_content::base64;
  EXPECT_EQ(made(rule, "s", ""), R"(topic t publication ,"data":"")");
  EXPECT_EQ(made(rule, "s", "f"), R"(topic t publication ,"data":"Zg==")");
  EXPECT_EQ(made(rule, "s", "fo"), R"(topic t publication ,"data":"Zm8=")");
  EXPECT_EQ(made(rule, "s", "foobar"), R"(topic t publication ,"data":"Zm9vYmFy")");
  EXPECT_EQ(made(rule, "s", "\xff\xfe\0"s), R"(topic t publication ,"data":"//4A")");
}

TEST(bridge_rule, no_payload_chooses_more_than_a_name) {
  const auto by_field = to_topic("s", "orders.{data.id}");
  const auto by_token = to_topic("s.*", "orders.{1}");
  for (const auto& bad : {"*"s, ">"s, "a b"s, "a\r\nb"s, "a\0b"s, ""s, ".a"s, "a."s, "a..b"s, "a*"s,
                          "\xc3\xa9"s, std::string(128, 'a'), "a\tb"s, "{1}"s, "a\"b"s}) {
    EXPECT_EQ(made(by_field, "s", json{{"id", bad}}.dump()), "skipped: name") << bad;
    if (bad.find('.') == std::string::npos && !bad.empty()) {
      EXPECT_EQ(made(by_token, "s." + bad, "{}"), "skipped: name") << bad;
    }
  }
  EXPECT_EQ(made(by_field, "s", json{{"id", std::string(10'000, 'a')}}.dump()), "skipped: field");
  EXPECT_EQ(made(by_token, "s." + std::string(10'000, 'a'), "{}"), "skipped: field");
  EXPECT_EQ(made(by_field, "s", "{}"), "skipped: field");
  EXPECT_EQ(made(by_field, "s", R"({"id":"a.b:@/c"})").substr(0, 21), "topic orders.a.b:@/c ");
}

TEST(bridge_rule, a_user_or_role_may_be_called_what_tokens_say) {
  auto rule = to_topic("s", "{data.who}");
  for (const auto to : {bridge_target::user, bridge_target::role}) {
    rule.to = to;
    EXPECT_EQ(made(rule, "s", R"({"who":"auth0|ünï *"})").substr(5, 13), "auth0|ünï *");
    EXPECT_EQ(made(rule, "s", R"({"who":"a\nb"})"), "skipped: name");
    EXPECT_EQ(made(rule, "s", R"({"who":""})"), "skipped: name");
  }
}

TEST(bridge_rule, no_payload_speaks_as_the_server) {
  auto rule = to_topic("s.>", "t");
  rule.type = text("{data.type|plain}");
  EXPECT_EQ(made(rule, "s.x", R"({"type":"shipped"})").substr(0, 16), "topic t shipped ");
  EXPECT_EQ(made(rule, "s.x", "{}").substr(0, 14), "topic t plain ");
  for (const auto& bad : {"error"s, "disconnect"s, "message"s, "authenticated"s, ""s, "a b"s,
                          "a@b"s, "\r\n"s, std::string(65, 'a')})
    EXPECT_EQ(made(rule, "s.x", json{{"type", bad}}.dump()), "skipped: type") << bad;
  EXPECT_EQ(made(rule, "s.x", R"({"type":[]})"), "skipped: field");
  rule.type = text("{>}");
  EXPECT_EQ(made(rule, "s.error", "{}"), "skipped: type");
}

TEST(bridge_rule, the_subject_must_be_its_own) {
  const auto rule = to_topic("a.*", "t");
  for (const auto* other : {"b.c", "a", "a.", "a.b.c", ""})
    EXPECT_EQ(made(rule, other, "{}"), "skipped: subject") << other;
}

TEST(bridge_rule, fields_keep_away_from_what_frames_have) {
  for (const auto* taken :
       {"type", "topic", "room", "id", "offset", "timestamp", "from", "epoch", "prev"})
    EXPECT_FALSE(free_for_fields(taken, false)) << taken;
  EXPECT_TRUE(free_for_fields("order_id", true));
  EXPECT_TRUE(free_for_fields("data", false));
  EXPECT_FALSE(free_for_fields("data", true));
}

TEST(bridge_rule, what_it_may_bring_is_known_beforehand) {
  auto rule = to_topic("order.*", "orders.{1}");
  EXPECT_FALSE(may_bring(rule, "orders.1", "publication")) << "nothing is said of its type";
  rule.type = bridge_template::parse("order_{1}").value();
  EXPECT_TRUE(may_bring(rule, "orders.1", "order_new"));
  EXPECT_FALSE(may_bring(rule, "orders.1", "news"));
  EXPECT_FALSE(may_bring(rule, "other.1", "order_new"));
  rule.to = bridge_target::user;
  EXPECT_FALSE(may_bring(rule, "orders.1", "order_new"));
  const auto defaults = default_bridge_rules();
  EXPECT_TRUE(may_bring(defaults[0], "any.topic", "order_update"));
  EXPECT_TRUE(may_bring(defaults[1], "payments", "payment_completed"));
  EXPECT_FALSE(may_bring(defaults[1], "payments", "order_update"));
}
