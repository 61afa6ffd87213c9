// What is published outward: on which subject, and what is told of the life cycle.
#include "troupe/bus/publish_rule.hpp"
#include "troupe/bus_messages.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace troupe;
using nlohmann::json;
using kind = tapped_event::kind;
using source = publish_rule::source;

namespace {

publish_rule rule_for(source from, std::string pattern, std::string_view subject) {
  publish_rule rule;
  rule.from = from;
  rule.pattern = std::move(pattern);
  rule.subject = bridge_template::parse(subject).value();
  return rule;
}

std::string published(const publish_rule& rule, kind what, std::string_view name) {
  tapped_event event;
  event.what = what;
  event.name = name;
  std::string subject;
  return subject_of(rule, event, subject) ? subject : "not published";
}

} // namespace

TEST(publish_rule, rooms_and_topics_by_their_names) {
  const auto rooms = rule_for(source::rooms, "game.*", "t.rooms.{name}.{1}");
  EXPECT_EQ(published(rooms, kind::message, "game.7"), "t.rooms.game.7.7");
  EXPECT_EQ(published(rooms, kind::message, "game.7.x"), "not published");
  EXPECT_EQ(published(rooms, kind::publication, "game.7"), "not published");
  EXPECT_EQ(published(rooms, kind::occupied, "game.7"), "not published");
  const auto topics = rule_for(source::topics, "orders.>", "t.{>}");
  EXPECT_EQ(published(topics, kind::publication, "orders.a:@/b.c"), "t.a:@/b.c");
  EXPECT_EQ(published(topics, kind::message, "orders.a"), "not published");
}

TEST(publish_rule, the_life_cycle_by_event) {
  auto all = rule_for(source::life_cycle, "", "t.{event}");
  EXPECT_EQ(published(all, kind::connected, ""), "t.connected");
  EXPECT_EQ(published(all, kind::vacated, "r"), "t.vacated");
  EXPECT_EQ(published(all, kind::message, "r"), "not published");
  all.events = {false, true, false, false};
  EXPECT_EQ(published(all, kind::connected, ""), "not published");
  EXPECT_EQ(published(all, kind::disconnected, ""), "t.disconnected");
}

TEST(publish_rule, a_name_that_does_not_fit_makes_no_valid_subject) {
  const auto rooms = rule_for(source::rooms, ">", "t.{name}");
  for (const auto* bad : {"*", ">", "a b", "a\r\nPUB x", "a..b"})
    EXPECT_FALSE(valid_subject(published(rooms, kind::message, bad))) << bad;
  EXPECT_FALSE(valid_subject(published(rooms, kind::message, std::string(10'000, 'a'))));
  EXPECT_FALSE(valid_subject(published(rooms, kind::message, std::string_view("a\0b", 3))));
}

TEST(publish_rule, the_life_cycle_is_told_as_json) {
  const identity who{"u\"1", "Ann\n", {"admin", "a,b"}, {}, {}, {}};
  tapped_event event;
  event.what = kind::connected;
  event.connection = "abc234";
  event.who = &who;
  const auto told = json::parse(life_cycle_payload(event, wall_time{}));
  EXPECT_EQ(told["type"], "connected");
  EXPECT_EQ(told["connection_id"], "abc234");
  EXPECT_EQ(told["user"],
            (json{{"id", "u\"1"}, {"username", "Ann\n"}, {"roles", {"admin", "a,b"}}}));
  EXPECT_EQ(told["timestamp"], "1970-01-01T00:00:00.000Z");
  EXPECT_FALSE(told.contains("room"));
  event = {};
  event.what = kind::vacated;
  event.name = "r";
  EXPECT_EQ(json::parse(life_cycle_payload(event, wall_time{})),
            (json{{"type", "vacated"}, {"room", "r"}, {"timestamp", "1970-01-01T00:00:00.000Z"}}));
}
