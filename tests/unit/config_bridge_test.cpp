// The `[[bridge.rule]]` and `[[bridge.publish]]` tables of a configuration.
#include "tests/unit/config_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::string rule_errors(const std::string& keys) {
  return errors_of("[[bridge.rule]]\nsubject = 'a.*'\n" + keys);
}

std::string publish_errors(const std::string& keys) {
  return errors_of("[[bridge.publish]]\n" + keys);
}

} // namespace

TEST(config_bridge, nobody_has_said_anything_is_not_no_rules) {
  EXPECT_FALSE(loaded("").bridge.rules.has_value());
  EXPECT_FALSE(loaded("[bridge]\n").bridge.rules.has_value());
  ASSERT_TRUE(loaded("[bridge]\nrule = []\n").bridge.rules.has_value());
  EXPECT_THAT(*loaded("[bridge]\nrule = []\n").bridge.rules, IsEmpty());
}

TEST(config_bridge, the_default_rules_as_a_file_are_the_default_rules) {
  const auto made = loaded(R"(
[[bridge.rule]]
subject = "order.*"
topic = "{data.topic|order.update}"
type = "order_update"
[[bridge.rule]]
subject = "payment.completed"
topic = "payments"
type = "payment_completed"
fields = ["order_id", "amount"]
[[bridge.rule]]
subject = "notification.*"
user = "{data.user_id}"
everyone = true
type = "notification"
fields = ["message"]
data = true
)");
  const auto expected = default_bridge_rules();
  ASSERT_TRUE(made.bridge.rules);
  ASSERT_EQ(made.bridge.rules->size(), expected.size());
  const std::string payload =
    R"({"topic":"t","user_id":"u","message":"m","order_id":1,"amount":2})";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& rule = (*made.bridge.rules)[i];
    EXPECT_EQ(rule.subject, expected[i].subject);
    const auto subject = i == 1 ? "payment.completed" : i == 0 ? "order.x" : "notification.x";
    for (const auto& content : {payload, std::string("{}")}) {
      const auto one = shape(rule, subject, content, 1000);
      const auto other = shape(expected[i], subject, content, 1000);
      ASSERT_TRUE(one && other);
      EXPECT_EQ(one->to, other->to);
      EXPECT_EQ(one->name, other->name);
      EXPECT_EQ(one->type, other->type);
      EXPECT_EQ(one->members, other->members);
    }
  }
}

TEST(config_bridge, a_rule_and_a_publish_with_every_key) {
  const auto made = loaded(R"(
[[bridge.rule]]
subject = "order.*.>"
queue = "troupe"
role = "{1}"
type = "x.{>}"
payload = "text"
[[bridge.rule]]
subject = "all"
everyone = true
payload = "base64"
[[bridge.publish]]
from = "topic:orders.*"
subject = "troupe.orders.{1}.{name}"
[[bridge.publish]]
from = "lifecycle"
events = ["occupied", "vacated"]
subject = "troupe.{event}.{name}"
)");
  ASSERT_EQ(made.bridge.rules->size(), 2u);
  const auto& rule = made.bridge.rules->front();
  EXPECT_EQ(rule.queue, "troupe");
  EXPECT_EQ(rule.to, bridge_target::role);
  EXPECT_EQ(rule.payload, bridge_content::text);
  EXPECT_TRUE(rule.data);
  EXPECT_EQ((*made.bridge.rules)[1].to, bridge_target::everyone);
  EXPECT_FALSE((*made.bridge.rules)[1].or_everyone);
  ASSERT_EQ(made.bridge.publishes.size(), 2u);
  EXPECT_EQ(made.bridge.publishes[0].from, publish_rule::source::topics);
  EXPECT_EQ(made.bridge.publishes[0].pattern, "orders.*");
  EXPECT_THAT(made.bridge.publishes[1].events, ElementsAre(false, false, true, true));
}

TEST(config_bridge, errors_name_file_line_and_key) {
  EXPECT_EQ(errors_of("[[bridge.rule]]\ntopic = 't'\n"),
            "f:1:1: bridge.rule[0].subject: expected a subject such as \"order.*.created\" or "
            "\"events.>\", got nothing\n");
  EXPECT_EQ(errors_of("[[bridge.rule]]\nsubject = 'a b'\ntopic = 't'\n"),
            "f:2:11: bridge.rule[0].subject: expected a subject such as \"order.*.created\" or "
            "\"events.>\", got \"a b\"\n");
  EXPECT_EQ(rule_errors(""), "f:1:1: bridge.rule[0].topic: expected one of topic, room, user and "
                             "role, or everyone = true, got nothing\n");
  EXPECT_EQ(rule_errors("topic = 't'\nsubjcet = 'x'\n"),
            "f:4:1: bridge.rule[0].subjcet: unknown key, did you mean \"subject\"?\n");
  EXPECT_THAT(errors_of("bridge = 7\n"), HasSubstr("f:1:10: bridge: expected tables"));
  EXPECT_THAT(errors_of("[bridge]\nrules = []\n"), HasSubstr("f:2:1: bridge.rules: unknown key"));
  EXPECT_THAT(errors_of("[bridge]\nrule = [1]\n"),
              HasSubstr("f:2:9: bridge.rule[0]: expected a table, got an integer"));
  EXPECT_THAT(errors_of("[bridge.rule]\nsubject = 'a'\n"),
              HasSubstr("bridge.rule: expected tables that begin with [[bridge.rule]]"));
}

TEST(config_bridge, a_rule_is_for_one) {
  EXPECT_THAT(rule_errors("topic = 't'\nroom = 'r'\n"),
              HasSubstr("f:4:8: bridge.rule[0].room: expected only one of topic, room, user"));
  EXPECT_THAT(rule_errors("topic = 't'\neveryone = true\n"),
              HasSubstr("bridge.rule[0].everyone: expected no true: every event has a name"));
  EXPECT_THAT(rule_errors("user = '{data.u|x}'\neveryone = true\n"), HasSubstr("expected no true"));
  EXPECT_THAT(rule_errors("topic = 'a b'\n"), HasSubstr("divided by dots, got \"a b\""));
  EXPECT_THAT(rule_errors("topic = '{data.t|a b}'\n"), HasSubstr("got \"a b\""));
  EXPECT_THAT(rule_errors("topic = ''\n"),
              HasSubstr("bridge.rule[0].topic: expected text such as"));
  EXPECT_EQ(rule_errors("user = 'auth0|x y'\n"), "");
  EXPECT_EQ(rule_errors("user = '{data.u}'\neveryone = true\n"), "");
  EXPECT_EQ(rule_errors("topic = 't'\neveryone = false\n"), "");
}

TEST(config_bridge, holes_are_those_that_can_be_filled) {
  EXPECT_EQ(rule_errors("topic = '{1}'\ntype = '{1}'\n"), "");
  EXPECT_THAT(rule_errors("topic = 'x.{2}'\n"),
              HasSubstr("f:3:9: bridge.rule[0].topic: expected no {2}: the pattern has 1 *"));
  EXPECT_THAT(rule_errors("topic = '{>}'\n"), HasSubstr("no {>}: there is no > in the pattern"));
  EXPECT_THAT(rule_errors("topic = '{name}'\n"), HasSubstr("these are for bridge.publish"));
  EXPECT_THAT(rule_errors("topic = 't'\ntype = '{event}'\n"), HasSubstr("[0].type: expected no"));
  EXPECT_THAT(rule_errors("topic = '{data.t|x}'\npayload = 'text'\n"),
              HasSubstr("no {data}: the payload is not JSON"));
  EXPECT_THAT(rule_errors("topic = 'a{b'\n"), HasSubstr("with \"braces that do not match\""));
  EXPECT_THAT(rule_errors("topic = '{nobody}'\n"), HasSubstr("with \"{nobody}\""));
  EXPECT_THAT(rule_errors("topic = 't'\ntype = 'error'\n"),
              HasSubstr("[0].type: expected 1 to 64"));
  EXPECT_THAT(rule_errors("topic = 't'\ntype = '{data.t|ping}'\n"), HasSubstr("got \"ping\""));
}

TEST(config_bridge, fields_have_places_of_their_own) {
  EXPECT_EQ(rule_errors("topic = 't'\nfields = ['a', 'b.c']\n"), "");
  EXPECT_EQ(rule_errors("topic = 't'\nfields = ['data']\n"), "");
  EXPECT_THAT(rule_errors("topic = 't'\nfields = ['data']\ndata = true\n"), HasSubstr("\"data\""));
  EXPECT_THAT(rule_errors("topic = 't'\nfields = ['a', 'b.a']\n"), HasSubstr("got \"a\" twice"));
  EXPECT_THAT(rule_errors("topic = 't'\nfields = ['type']\n"),
              HasSubstr("got \"type\", which frames have already"));
  for (const std::string taken : {"from", "epoch", "prev"}) {
    EXPECT_THAT(rule_errors("topic = 't'\nfields = ['" + taken + "']\n"), HasSubstr("already"));
    EXPECT_EQ(rule_errors("topic = 't'\nfields = ['" + taken + " as mine', 'a']\n"), "");
    EXPECT_THAT(rule_errors("topic = 't'\nfields = ['a as " + taken + "']\n"),
                HasSubstr("already"));
  }
  EXPECT_THAT(rule_errors("topic = 't'\nfields = ['a', 'b as a']\n"), HasSubstr("twice"));
  for (const auto* bad :
       {"a as ", " as b", "a as b.c", "a as b as c", "a  as b", "a as  b", "a as b ", " a", "a. b"})
    EXPECT_THAT(rule_errors("topic = 't'\nfields = ['" + std::string(bad) + "']\n"),
                HasSubstr("[0].fields: expected a"))
      << bad;
  EXPECT_THAT(rule_errors("topic = 't'\nfields = ['a..b']\n"), HasSubstr("[0].fields: expected a"));
  EXPECT_THAT(rule_errors("topic = 't'\nfields = ['a']\npayload = 'base64'\n"),
              HasSubstr("none: the payload is not JSON"));
  EXPECT_THAT(rule_errors("topic = 't'\npayload = 'xml'\n"),
              HasSubstr("expected one of json, text or base64, got \"xml\""));
}

TEST(config_bridge, no_name_chooses_a_subject) {
  const auto with = [](const std::string& subject) {
    return publish_errors("from = 'room:>'\nsubject = '" + subject + "'\n");
  };
  EXPECT_EQ(with("troupe.rooms.{name}"), "");
  EXPECT_EQ(with("troupe.all"), "");
  EXPECT_EQ(with("t.{>}"), "");
  for (const auto* bad : {"{name}", "{>}", "{name}.x", "x{name}"})
    EXPECT_THAT(with(bad), HasSubstr("f:3:11: bridge.publish[0].subject: expected a fixed first"))
      << bad;
  for (const auto* bad : {"t.*", "t.>", "t.a b", "t..{name}", "t."})
    EXPECT_THAT(with(bad), HasSubstr("expected a subject of parts")) << bad;
  EXPECT_THAT(with("t.{data.x}"), HasSubstr("these are for bridge.rule"));
  EXPECT_THAT(with("t.{1}"), HasSubstr("no {1}: the pattern has no *"));
  EXPECT_THAT(with("t.{event}"), HasSubstr("it is for lifecycle"));
}

TEST(config_bridge, what_is_published) {
  EXPECT_THAT(publish_errors("from = 'rooms:>'\nsubject = 't.x'\n"),
              HasSubstr("f:2:8: bridge.publish[0].from: expected \"topic:PATTERN\""));
  EXPECT_THAT(publish_errors("from = 'room:a b'\nsubject = 't.x'\n"),
              HasSubstr("[0].from: expected"));
  EXPECT_THAT(publish_errors("from = 'room'\nsubject = 't.x'\n"), HasSubstr("[0].from: expected"));
  EXPECT_THAT(publish_errors("subject = 't.x'\n"), HasSubstr("f:1:1: bridge.publish[0].from: "));
  EXPECT_THAT(publish_errors("from = 'room:>'\n"), HasSubstr("f:1:1: bridge.publish[0].subject: "));
  EXPECT_THAT(publish_errors("from = 'room:>'\nsubject = 't.x'\nevents = ['connected']\n"),
              HasSubstr("[0].events: expected none but for from = \"lifecycle\""));
  EXPECT_THAT(publish_errors("from = 'lifecycle'\nsubject = 't.x'\nevents = ['connect']\n"),
              HasSubstr("[0].events: expected a list of connected"));
  EXPECT_THAT(publish_errors("from = 'lifecycle'\nsubject = 't.x'\nevents = []\n"),
              HasSubstr("[0].events: expected a list of connected"));
  EXPECT_THAT(publish_errors("from = 'lifecycle'\nsubject = 't.{name}'\n"),
              HasSubstr("connected and disconnected are about no room"));
}
TEST(config_bridge, nothing_of_a_client_reaches_the_server_as_a_service) {
  const auto publishing = [](const std::string& subject) {
    return errors_of("[[bridge.publish]]\nfrom = 'room:>'\nsubject = '" + subject + "'\n");
  };
  for (const auto* wrong : {"troupe.rpc.send_to_room", "troupe.async.{name}", "troupe.r{name}"})
    EXPECT_THAT(publishing(wrong),
                HasSubstr("f:3:11: bridge.publish[0].subject: expected none under "
                          "troupe.rpc and troupe.async"))
      << wrong;
  for (const auto* wrong : {"$SYS.{name}", "_INBOX.{name}"})
    EXPECT_THAT(publishing(wrong), HasSubstr("expected none of NATS's own subjects")) << wrong;
  for (const auto* right :
       {"troupe.{name}", "troupe.rooms.{name}", "troupes.rpc.x", "audit.async.x"})
    EXPECT_EQ(publishing(right), "") << right;
  EXPECT_THAT(
    errors_of("[[rpc.allow]]\nservice = 'desk'\nmethod = '*'\n[nats]\nservice = 'desk'\n"),
    HasSubstr("f:2:11: rpc.allow[0].service: expected another service than the server itself"));
}
