// To whom a message goes and for how long, as its sender says.
//
//   to            a role: on a topic, in a room; by a client, the API; whose token changes
//   except_me     on a topic, in a room; with other broadcasts, a gap, a replay
//   ttl_ms        over before a slow reader takes it, before somebody comes back, before who asks
#include "heard.hpp"
#include "staffed_server.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// Says `done` twice to all, and a word to all but the sender.
class twice final : public room_logic {
public:
  void on_message(room_context& room, const member& from, std::string_view,
                  std::string_view) override {
    room.broadcast("first", {});
    room.broadcast_except(from.connection, "aside", {});
    room.broadcast("second", {});
  }
};

stage::options with_twice() {
  stage::options how{.loops = 2, .rooms_on_loops = true, .rooms = server_rooms()};
  how.rooms["twice"] = [] { return std::make_unique<twice>(); };
  how.bounds.outbox_bytes_max = 8000;
  return how;
}

struct choosing : staffed_server {
  explicit choosing(options how = with_twice()) : staffed_server(std::move(how)) {
    change([](live_settings& next) { next.topic_history = {100, 256 * 1024, 10min}; });
  }
  client subscriber(identity_ptr who, const std::string& topic = "t") {
    auto out = enter(std::move(who));
    says(out, {{"type", "subscribe"}, {"topic", topic}});
    return out;
  }
  std::vector<json> publishes(client& who, const json& data, json frame = json::object()) {
    frame.update({{"type", "publish"}, {"topic", "t"}, {"data", data}});
    return says(who, frame);
  }
  // Comes back having seen all of the topic up to that offset.
  std::vector<json> returns(client& who, const json& at) {
    return says(who, {{"type", "subscribe"}, {"topic", "t"}, {"recover", {{"t", at}}}});
  }
  std::uint64_t dropped(drop_reason why) const {
    std::uint64_t sum = 0;
    for (const auto& loop : metrics.loops())
      sum += loop.dropped.value(static_cast<std::size_t>(why));
    return sum;
  }
};

const json to_staff{{"to", {{"role", "staff"}}}};

// Data of topic messages; for a gap how many, and whether they have expired.
list told(const std::vector<json>& frames) {
  list out;
  for (const auto& each : frames)
    if (each.at("type") == "gap")
      out.push_back("gap " + each.at("dropped").dump() + " to " + each.at("offset").dump() +
                    (each.value("expired", false) ? " expired" : ""));
    else if (each.contains("data"))
      out.push_back(each.at("data").dump());
    else if (each.contains("message") && each.at("type") == "message")
      out.push_back(each.at("message").dump());
  return out;
}

// -- to ----------------------------------------------------------------------------------------------

TEST(to_a_role, only_those_who_have_it_are_told_and_nothing_is_numbered) {
  choosing server;
  auto ann = server.subscriber(person("ann", {"staff"})), ben = server.subscriber(person("ben"));
  auto guest = server.subscriber(nullptr);
  auto eve = server.enter(person("eve", {"staff"})); // has the role, and does not listen
  auto frame = to_staff;
  frame["id"] = 1;
  const auto answer = server.publishes(ben, 1, frame);
  EXPECT_EQ(answer, (std::vector<json>{{{"type", "published"}, {"topic", "t"}, {"id", 1}}}));
  const auto got = heard(ann);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_FALSE(got[0].contains("offset"));
  EXPECT_EQ(got[0].at("user_id"), "ben");
  for (auto* other : {&guest, &eve})
    EXPECT_TRUE(heard(*other).empty());
  EXPECT_EQ(server.publishes(ben, 2).at(0).at("offset"), 1) << "no number is missing";
}

TEST(to_a_role, in_a_room_and_by_the_api) {
  choosing server;
  auto ann = server.enter(person("ann", {"staff"}), "r"), ben = server.enter(person("ben"), "r");
  heard(ann);
  json frame{{"type", "message"}, {"message", "psst"}, {"id", 1}};
  frame.update(to_staff);
  EXPECT_EQ(server.says(ben, frame),
            (std::vector<json>{{{"type", "sent"}, {"room", "r"}, {"id", 1}}}));
  EXPECT_EQ(told(heard(ann)), list{"\"psst\""});
  for (const auto kind : {audience_kind::room, audience_kind::topic}) {
    auto cid = server.subscriber(person("cid", {"staff"}));
    const auto at = server.calls({.kind = kind,
                                  .name = kind == audience_kind::room ? "r" : "t",
                                  .user = "server",
                                  .msg_id = "m",
                                  .content = "7",
                                  .options = {.role = "staff"}});
    ASSERT_TRUE(at.result);
    EXPECT_TRUE(at.result->epoch.empty()) << "it has no position";
    EXPECT_EQ(told(heard(kind == audience_kind::room ? ann : cid)), list{"7"});
  }
  EXPECT_TRUE(heard(ben).empty());
  const auto page = server.says(ben, {{"type", "history"}, {"room", "r"}});
  EXPECT_TRUE(page.at(0).at("messages").empty()) << "it is not kept";
}

TEST(to_a_role, said_again_is_known) {
  choosing server;
  auto ann = server.subscriber(person("ann", {"staff"})), ben = server.enter(person("ben"));
  auto frame = to_staff;
  frame["msg_id"] = "m";
  for (int i = 0; i < 2; ++i) {
    const auto answer = server.publishes(ben, 1, frame).at(0);
    EXPECT_EQ(answer.at("type"), "published");
    EXPECT_FALSE(answer.contains("offset"));
  }
  EXPECT_EQ(told(heard(ann)), list{"1"});
}

TEST(to_a_role, whatever_a_room_makes_of_it_is_for_them) {
  choosing server;
  auto ann = server.enter(person("ann", {"staff"}), "twice/r");
  auto ben = server.enter(person("ben"), "twice/r"), cid = server.enter(nullptr, "twice/r");
  heard(ann), heard(ben), heard(cid);
  json frame{{"type", "message"}, {"message", 1}};
  frame.update(to_staff);
  EXPECT_TRUE(server.says(ben, frame).empty());
  EXPECT_EQ(types(heard(ann)), (list{"first", "aside", "second"}));
  EXPECT_TRUE(heard(cid).empty());
}

TEST(to_a_role, goes_past_what_somebody_is_sent_again) {
  choosing server;
  auto ben = server.subscriber(person("ben"));
  for (int i = 1; i <= 60; ++i)
    server.publishes(ben, i);
  auto ann = server.enter(person("ann", {"staff"}));
  const json at{{"epoch", server.result(admin::show_topic{"t"}).at("epoch")}, {"offset", 0}};
  ann->stall();
  server.returns(ann, at);
  server.publishes(ben, "psst", to_staff);
  ann->resume();
  server.run();
  const auto got = heard(ann);
  EXPECT_EQ(std::count_if(got.begin(), got.end(), [](auto& f) { return f.contains("data"); }), 61);
  std::uint64_t next = 1;
  for (const auto& each : got) {
    if (!each.contains("data") || !each.contains("offset"))
      continue;
    EXPECT_EQ(each.at("offset"), next++) << "what has a number is in order";
  }
}

// -- except_me ---------------------------------------------------------------------------------------

TEST(except_me, published_stands_in_the_place_of_the_message) {
  choosing server;
  auto ann = server.subscriber(nullptr), ben = server.subscriber(nullptr);
  server.publishes(ben, 1);
  server.publishes(ann, 2, {{"except_me", true}});
  EXPECT_EQ(told(heard(ben)), list{"2"});
  server.publishes(ben, 3);
  heard(ann);
  ann->say(R"({"type":"publish","topic":"t","data":4})");
  ann->say(R"({"type":"publish","topic":"t","data":5,"except_me":true})");
  ann->say(R"({"type":"publish","topic":"t","data":6,"except_me":false})");
  server.run();
  const auto got = heard(ann);
  EXPECT_EQ(types(got),
            (list{"publication", "published", "published", "publication", "published"}));
  EXPECT_EQ(got[2].at("offset"), 5);
  EXPECT_EQ(told(heard(ben)), (list{"4", "5", "6"}));
}

TEST(except_me, is_kept_and_comes_when_its_sender_comes_back) {
  choosing server;
  auto ann = server.subscriber(nullptr);
  const auto at = server.publishes(ann, 1, {{"except_me", true}}).at(0);
  EXPECT_EQ(at.at("offset"), 1);
  auto back = server.enter(nullptr);
  const auto got = server.returns(back, {{"epoch", at.at("epoch")}, {"offset", 0}});
  EXPECT_EQ(told(got), list{"1"});
}

TEST(except_me, in_a_room_is_for_the_first_number) {
  choosing server;
  auto ann = server.enter(nullptr, "twice/r"), ben = server.enter(nullptr, "twice/r");
  heard(ann);
  const auto got =
    server.says(ann, {{"type", "message"}, {"message", 1}, {"except_me", true}, {"id", 5}});
  ASSERT_EQ(types(got), (list{"sent", "second"}));
  EXPECT_EQ(got[0].at("offset"), 1);
  EXPECT_EQ(got[0].at("id"), 5);
  EXPECT_EQ(got[1].at("offset"), 2);
  EXPECT_EQ(types(heard(ben)), (list{"first", "aside", "second"}));
}

TEST(except_me, in_a_room_is_confirmed_without_an_id_and_when_said_again) {
  choosing server;
  auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
  heard(ann);
  const json frame{{"type", "message"}, {"message", 1}, {"except_me", true}, {"msg_id", "m"}};
  for (int i = 0; i < 2; ++i) {
    const auto got = server.says(ann, frame);
    ASSERT_EQ(types(got), list{"sent"});
    EXPECT_EQ(got[0].at("offset"), 1);
    EXPECT_FALSE(got[0].contains("id"));
  }
  EXPECT_EQ(told(heard(ben)), list{"1"});
}

TEST(except_me, of_who_does_not_listen_changes_nothing) {
  choosing server;
  auto ann = server.enter(nullptr), ben = server.subscriber(nullptr);
  EXPECT_EQ(types(server.publishes(ann, 1, {{"except_me", true}})), list{"published"});
  EXPECT_EQ(told(heard(ben)), list{"1"});
}

// -- ttl_ms ------------------------------------------------------------------------------------------

TEST(ttl, is_over_for_who_comes_back_and_for_who_asks) {
  choosing server;
  auto ann = server.subscriber(nullptr);
  const auto epoch = server.publishes(ann, 1).back().at("epoch");
  server.publishes(ann, 2, {{"ttl_ms", 1000}});
  server.publishes(ann, 3, {{"ttl_ms", 2000}});
  server.publishes(ann, 4);
  const json seen{{"epoch", epoch}, {"offset", 0}};
  const auto page = [&] {
    auto who = server.enter(nullptr);
    return server.says(who, {{"type", "history"}, {"topic", "t"}}).at(0);
  };
  auto ben = server.enter(nullptr);
  EXPECT_EQ(told(server.returns(ben, seen)), (list{"1", "2", "3", "4"}));
  EXPECT_EQ(told(page().at("messages")), (list{"1", "2", "3", "4"}));
  server.pass(1s);
  auto cid = server.enter(nullptr);
  EXPECT_EQ(told(server.returns(cid, seen)), (list{"1", "gap 1 to 2 expired", "3", "4"}));
  EXPECT_EQ(told(page().at("messages")), (list{"1", "3", "4"}));
  server.pass(1s);
  auto eve = server.enter(nullptr);
  EXPECT_EQ(told(server.returns(eve, seen)), (list{"1", "gap 2 to 3 expired", "4"}));
  EXPECT_EQ(page().at("offset"), 4) << "the position is the same";
}

TEST(ttl, is_over_while_somebody_is_sent_what_it_missed) {
  choosing server;
  auto ann = server.subscriber(nullptr);
  const auto epoch = server.publishes(ann, 1).back().at("epoch");
  for (int i = 2; i <= 50; ++i)
    server.publishes(ann, i, i >= 40 ? json{{"ttl_ms", 1000}} : json::object());
  auto ben = server.enter(nullptr);
  ben->stall();
  server.returns(ben, {{"epoch", epoch}, {"offset", 0}});
  server.publishes(ann, 51, {{"ttl_ms", 1000}});
  server.publishes(ann, 52);
  server.pass(1s);
  ben->resume();
  server.run();
  const auto got = told(heard(ben));
  ASSERT_EQ(got.size(), 41u);
  EXPECT_EQ(got[39], "gap 12 to 51 expired");
  EXPECT_EQ(got[40], "52");
}

TEST(ttl, is_over_before_a_slow_reader_takes_it) {
  for (const auto policy : {slow_consumer::close, slow_consumer::drop_oldest}) {
    choosing server;
    server.change(
      [&](live_settings& next) { next.access = access_rules({open_to_all(">", policy)}); });
    auto ann = server.enter(nullptr), ben = server.subscriber(nullptr);
    ben->stall();
    for (int i = 1; i <= 6; ++i)
      server.publishes(ann, i, i == 1 || i == 4 ? json::object() : json{{"ttl_ms", 1000}});
    server.pass(1s);
    ben->resume();
    server.run();
    EXPECT_EQ(told(heard(ben)), (list{"1", "gap 2 to 3 expired", "4", "gap 2 to 6 expired"}));
    EXPECT_EQ(server.dropped(drop_reason::expired), 4u);
    server.publishes(ann, 7, {{"ttl_ms", 1000}});
    EXPECT_EQ(told(heard(ben)), list{"7"});
  }
}

TEST(ttl, what_is_over_makes_nobody_too_slow) {
  choosing server;
  auto ann = server.enter(nullptr), ben = server.subscriber(nullptr);
  ben->stall();
  const std::string much(500, 'x');
  for (int i = 0; i < 12; ++i)
    server.publishes(ann, much, {{"ttl_ms", 1000}});
  server.pass(1s);
  for (int i = 0; i < 10; ++i)
    server.publishes(ann, much);
  EXPECT_FALSE(ben->leaving());
  ben->resume();
  server.run();
  const auto got = heard(ben);
  ASSERT_EQ(got.size(), 11u);
  EXPECT_EQ(got[0].at("dropped"), 12);
  EXPECT_EQ(got[10].at("offset"), 22);
}

TEST(ttl, of_what_has_no_number_leaves_nothing) {
  choosing server;
  auto ann = server.enter(nullptr), ben = server.subscriber(person("ben", {"staff"}));
  ben->stall();
  auto frame = to_staff;
  frame["ttl_ms"] = 1000;
  server.publishes(ann, 1, frame);
  server.publishes(ann, 2);
  server.pass(1s);
  ben->resume();
  server.run();
  EXPECT_EQ(told(heard(ben)), list{"2"});
}

TEST(ttl, in_a_room) {
  choosing server;
  auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
  ben->stall();
  server.says(ann, {{"type", "message"}, {"message", 1}, {"ttl_ms", 1000}});
  server.calls({.kind = audience_kind::room,
                .name = "r",
                .user = "server",
                .content = "2",
                .options = {.ttl = 1000ms}});
  server.says(ann, {{"type", "message"}, {"message", 3}});
  server.pass(1s);
  ben->resume();
  server.run();
  const auto got = heard(ben);
  EXPECT_EQ(told(got), (list{"gap 2 to 2 expired", "3"}));
  EXPECT_EQ(got[0].at("room"), "r");
}

} // namespace
} // namespace troupe::test
