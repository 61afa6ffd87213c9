// Topics by a pattern: who hears what, once; what is refused; what there is of it.
#include "listening.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

std::uint64_t unheard(const stage& server) {
  return server.metrics.bridge.unheard.value();
}

} // namespace

// -- who hears what ----------------------------------------------------------------------------------

TEST(patterns, bring_the_topics_that_are_there_and_those_that_come) {
  listening server;
  auto old = server.comes();
  server.subscribes(old, {"orders.old"});
  auto ann = server.comes();
  EXPECT_EQ(server.subscribes(ann, {"orders.*"}),
            (json{{"type", "subscribed"},
                  {"topics", {"orders.*"}},
                  {"positions", {{"orders.*", {{"recovered", false}}}}},
                  {"id", 1}}));
  for (const auto* topic : {"orders.old", "orders.new", "orders", "orders.a.b", "other.x"})
    server.publish(topic);
  EXPECT_EQ(hears(ann), (list{"orders.old", "orders.new"}));
  EXPECT_EQ(hears(old), list{"orders.old"});
  EXPECT_EQ(server.says(ann, {{"type", "unsubscribe"}, {"topic", "orders.*"}})[0]["topics"],
            json{"orders.*"});
  server.publish("orders.old");
  server.publish("orders.newer");
  EXPECT_EQ(hears(ann), list{});
  EXPECT_EQ(server.metrics.patterns, 0u);
}

TEST(patterns, a_message_comes_once_however_one_listens_to_it) {
  listening server;
  auto ann = server.comes();
  server.subscribes(ann, {"a.*", ">", "a.b", "*.b"});
  server.publish("a.b");
  EXPECT_EQ(hears(ann), list{"a.b"});
  server.says(ann, {{"type", "unsubscribe"}, {"topics", {"a.b"}}});
  server.publish("a.b");
  EXPECT_EQ(hears(ann), list{"a.b"}) << "by a pattern";
  server.says(ann, {{"type", "unsubscribe"}, {"topics", {"a.*", "*.b"}}});
  server.publish("a.b");
  EXPECT_EQ(hears(ann), list{"a.b"}) << "by another";
  server.subscribes(ann, {"a.b"});
  server.says(ann, {{"type", "unsubscribe"}, {"topics", {">"}}});
  server.publish("a.b");
  EXPECT_EQ(hears(ann), list{"a.b"}) << "by itself";
}

// What is said while several topics are asked for waits behind the answer, whose positions count
// it. But who hears one of them by a pattern has heard it before.
TEST(patterns, and_the_answer_for_several_topics_part_what_was_heard_from_what_comes) {
  std::size_t ahead = 0, first_heard_by_name = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    listening server({.seed = seed, .loops = 2});
    std::mt19937_64 draw(seed);
    auto speaker = server.comes(), ann = server.comes(), ben = server.comes();
    server.subscribes(ann, {"x.*"});
    server.publish("x.b");
    const auto say = [&] {
      if (draw() % 3 == 0)
        speaker->say(json{{"type", "publish"}, {"topic", "x.b"}, {"data", 1}}.dump());
    };
    const auto asks = [&](client& who, const json& topics) {
      who->say(json{{"type", "subscribe"}, {"topics", topics}, {"id", 1}}.dump());
    };
    for (int i = 0; i < 200; ++i) {
      say();
      if (i == 20)
        asks(ann, {"y1", "x.b", "y2", "y3"});
      if (i == 30)
        asks(ben, {"x.*", "z1", "x.b", "z2"}); // by a pattern of the same request
      server.step();
    }
    server.run();

    const auto follow = [&](client& who, bool knew) {
      bool answered = false;
      std::uint64_t stands = knew ? 0 : UINT64_MAX;
      for (const auto& frame : heard(who)) {
        if (frame["type"] == "subscribed") {
          answered = true;
          const std::uint64_t told = frame["positions"]["x.b"]["offset"];
          EXPECT_EQ(told, stands == UINT64_MAX ? told : stands) << frame << " seed " << seed;
          stands = told;
        } else if (frame.value("topic", "") == "x.b") {
          EXPECT_TRUE(answered || knew) << frame << " seed " << seed;
          EXPECT_EQ(frame["offset"], stands + 1) << "seed " << seed;
          stands = frame["offset"];
          ahead += answered ? 0 : 1;
          first_heard_by_name += answered ? 1 : 0;
        }
      }
      EXPECT_TRUE(answered);
    };
    follow(ann, true);
    follow(ben, false);
  }
  EXPECT_GT(ahead, 60u);
  EXPECT_GT(first_heard_by_name, 60u);
}

TEST(patterns, bring_what_is_for_a_role_to_those_who_have_it) {
  listening server;
  auto ann = server.comes("ann staff"), ben = server.comes("ben");
  for (auto* each : {&ann, &ben})
    server.subscribes(*each, {"a.*"});
  caf::anon_send(server.routes.directory, post{.kind = audience_kind::topic,
                                               .name = "a.b",
                                               .content = "1",
                                               .options = {.role = "staff"}});
  server.run();
  EXPECT_EQ(hears(ann), list{"a.b"});
  EXPECT_EQ(hears(ben), list{});
}

TEST(patterns, again_does_no_harm_and_leaves_one_to_leave) {
  listening server;
  auto ann = server.comes();
  server.subscribes(ann, {"a.*"});
  EXPECT_EQ(server.subscribes(ann, {"a.*", "a.*", "b"})["topics"], (json{"a.*", "b"}));
  server.says(ann, {{"type", "unsubscribe"}, {"topics", {"a.*", "a.>"}}});
  server.publish("a.b");
  EXPECT_EQ(hears(ann), list{});
  EXPECT_EQ(server.metrics.patterns, 0u);
}

TEST(patterns, bring_the_frame_that_all_others_get) {
  listening server;
  auto ann = server.comes(), ben = server.comes("ben");
  server.subscribes(ann, {"a.>"});
  server.subscribes(ben, {"a.b.c"});
  server.says(ben, {{"type", "publish"}, {"topic", "a.b.c"}, {"data", 7}, {"event", "e"}});
  ben->read();
  server.says(ben, {{"type", "publish"}, {"topic", "a.b.c"}, {"data", 8}});
  const auto by_pattern = heard(ann), direct = heard(ben);
  ASSERT_EQ(by_pattern.size(), 2u);
  EXPECT_EQ(by_pattern[0]["offset"], 1);
  EXPECT_EQ(by_pattern[0]["user_id"], "ben");
  EXPECT_EQ(by_pattern[1]["offset"], 2);
}

TEST(patterns, rooms_are_not_heard_by_them) {
  listening server;
  auto ann = server.comes(), ben = server.comes();
  server.subscribes(ann, {">"});
  server.says(ben, {{"type", "join"}, {"room", "a.b"}});
  server.says(ben, {{"type", "message"}, {"message", "hi"}});
  EXPECT_EQ(heard(ann).size(), 0u);
}

// The topic is not there: it is made to give the event its number.
TEST(patterns, bring_events_of_services_on_topics_that_nobody_subscribes_to) {
  listening server;
  server.event("orders.1");
  EXPECT_EQ(unheard(server), 1u);
  EXPECT_EQ(server.metrics.topics, 0u);
  auto ann = server.comes();
  server.subscribes(ann, {"orders.*"});
  server.event("orders.1");
  server.event("orders.1");
  server.event("payments.1");
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"order", "order"}));
  EXPECT_EQ(frames[0]["offset"], 1);
  EXPECT_EQ(frames[1]["offset"], 2);
  EXPECT_EQ(unheard(server), 2u);
  server.pass(3min);
  EXPECT_EQ(server.metrics.topics, 0u) << "an idle one may go, though it would be heard";
  ann = server.comes();
  server.subscribes(ann, {"orders.*"});
  server.event("orders.1");
  EXPECT_EQ(hears(ann), list{"orders.1"});
}

TEST(patterns, end_with_the_connection) {
  listening server;
  auto ann = server.comes(), ben = server.comes();
  server.subscribes(ann, {"a.*", "b.*"});
  server.subscribes(ben, {"a.*"});
  EXPECT_EQ(server.metrics.patterns, 2u);
  ann->vanish();
  server.run();
  EXPECT_EQ(server.metrics.patterns, 1u);
  server.publish("a.x");
  EXPECT_EQ(hears(ben), list{"a.x"});
  ben->close();
  server.run();
  EXPECT_EQ(server.metrics.patterns, 0u);
  server.event("a.y");
  EXPECT_EQ(unheard(server), 1u);
}

TEST(patterns, are_told_where_a_connection_is) {
  listening server;
  auto ann = server.comes();
  server.subscribes(ann, {"a", "b.*"});
  EXPECT_EQ(ann->described().topics, (list{"a", "b.*"}));
}

TEST(patterns, who_is_too_slow_gets_what_the_namespace_says) {
  stage::options how;
  how.bounds.outbox_bytes_max = 2000;
  listening server(how);
  auto lossy = open_to_all(">", slow_consumer::drop_oldest);
  lossy.by_pattern = true;
  server.change([&](live_settings& next) { next.access = access_rules({lossy}); });
  auto ann = server.comes();
  server.subscribes(ann, {"a.*"});
  ann->stall();
  for (int i = 0; i < 100; ++i)
    server.publish("a.b");
  EXPECT_FALSE(ann->leaving());
  ann->resume();
  server.run();
  const auto frames = heard(ann);
  const auto gap = std::ranges::find(frames, "gap", [](const json& f) { return f["type"]; });
  ASSERT_NE(gap, frames.end());
  EXPECT_EQ((*gap)["topic"], "a.b");
  std::uint64_t stands = 0;
  for (const auto& each : frames) {
    stands = each["type"] == "gap" ? stands + each["dropped"].get<std::uint64_t>() : stands + 1;
    EXPECT_EQ(each["offset"], stands) << "one after the other, and the gap in its place";
  }
  EXPECT_EQ(stands, 100u);
}

// -- what is refused ---------------------------------------------------------------------------------

TEST(patterns, have_no_position_and_no_presence) {
  listening server;
  auto ann = server.comes();
  const json seen{{"epoch", "e"}, {"offset", 1}};
  for (const json& more : {json{{"recover", {{"a.*", seen}}}}, json{{"presence", true}}}) {
    json frame{{"type", "subscribe"}, {"topics", {"a.*", "b"}}};
    frame.update(more);
    EXPECT_EQ(server.says(ann, frame)[0]["code"], "bad_request") << more;
  }
  const auto mixed = server.says(
    ann, {{"type", "subscribe"}, {"topics", {"a.*", "b"}}, {"recover", {{"b", seen}}}})[0];
  EXPECT_EQ(mixed["positions"]["a.*"], (json{{"recovered", false}}));
  EXPECT_EQ(mixed["positions"]["b"]["recovered"], false);
  for (const auto* name : {"a*", ">.a", "a..*", "**", "a.>.b"})
    EXPECT_EQ(server.says(ann, {{"type", "subscribe"}, {"topic", name}})[0]["code"], "invalid_name")
      << name;
  EXPECT_EQ(server.says(ann, {{"type", "publish"}, {"topic", "a.*"}, {"data", 1}})[0]["code"],
            "invalid_name");
  EXPECT_EQ(server.says(ann, {{"type", "history"}, {"topic", "a.*"}})[0]["code"], "invalid_name");
  EXPECT_EQ(server.says(ann, {{"type", "join"}, {"room", "a.*"}})[0]["code"], "invalid_name");
}

TEST(patterns, count_as_topics_of_the_connection) {
  listening server({.bounds = {.topics_per_connection_max = 3}});
  auto ann = server.comes();
  server.subscribes(ann, {"a", "b.*"});
  EXPECT_EQ(server.subscribes(ann, {"c.*", "d"})["code"], "limit_exceeded");
  EXPECT_EQ(server.subscribes(ann, {"b.*", "c.*"})["type"], "subscribed");
  EXPECT_EQ(server.subscribes(ann, {"d"})["code"], "limit_exceeded");
  server.says(ann, {{"type", "unsubscribe"}, {"topic", "c.*"}});
  EXPECT_EQ(server.subscribes(ann, {"d"})["type"], "subscribed");
}

TEST(patterns, of_which_there_are_only_so_many_one_holder_has_only_its_share) {
  listening server({.bounds = {.patterns_max = 40, .names_made_per_minute = 0}});
  constexpr holder_id attackers{2}, honest{1};
  auto eve = server.comes({}, attackers), mallory = server.comes({}, attackers);
  json many = json::array();
  for (int i = 0; i < 60; ++i)
    many.push_back("x" + std::to_string(i) + ".*");
  const auto got = server.subscribes(eve, many);
  EXPECT_EQ(got["topics"].size(), 21u) << "as many as anybody, up to the half and one";
  EXPECT_EQ(got["refused"][0]["code"], "limit_exceeded");
  EXPECT_EQ(server.subscribes(mallory, {"y.*"})["code"], "limit_exceeded") << "the same address";
  auto ann = server.comes({}, honest);
  EXPECT_EQ(server.subscribes(ann, {"x0.*"})["type"], "subscribed") << "it is there already";
  EXPECT_EQ(server.subscribes(ann, {"y.*"})["type"], "subscribed");
  EXPECT_GT(
    server.metrics.shares_refused.value(static_cast<std::size_t>(shared_resource::patterns)), 0u);
  eve->vanish();
  server.run();
  EXPECT_EQ(server.metrics.patterns, 2u) << "what ann has stays";
}

TEST(patterns, that_nobody_has_count_as_new_names) {
  stage::options how;
  how.bounds.topics_per_connection_max = 4;
  how.bounds.rooms_per_connection_max = 1;
  how.bounds.names_made_per_minute = 5;
  listening server(how);
  auto ann = server.comes();
  server.subscribes(ann, {"a.*", "b.*", "c.*", "d.*"});
  server.says(ann, {{"type", "unsubscribe"}, {"topics", {"a.*", "b.*", "c.*", "d.*"}}});
  const auto got = server.subscribes(ann, {"e.*", "f.*"});
  EXPECT_EQ(got["topics"], json{"e.*"});
  EXPECT_EQ(got["refused"][0]["code"], "rate_limited");
}

// -- under seeds -------------------------------------------------------------------------------------

// Everybody hears exactly what a list of who listens to what says.
TEST(patterns, random_listeners_hear_what_they_should_on_every_loop) {
  const std::vector<std::string> wanted{"a.*", "*.b", "a.>", ">", "*", "a.b", "b.c", "a"};
  const std::vector<std::string> topics{"a", "a.b", "a.c", "b.c", "a.b.c"};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 dice(seed);
    listening server({.seed = seed, .loops = 3, .rooms_on_loops = true});
    std::vector<client> all;
    std::vector<std::set<std::string>> own(6);
    for (std::size_t i = 0; i < own.size(); ++i)
      all.push_back(server.comes());
    for (int step = 0; step < 60; ++step) {
      const auto i = dice() % all.size();
      const auto& topic = wanted[dice() % wanted.size()];
      switch (dice() % 5) {
      case 0:
      case 1:
        server.subscribes(all[i], {topic});
        own[i].insert(topic);
        break;
      case 2:
        server.says(all[i], {{"type", "unsubscribe"}, {"topic", topic}});
        own[i].erase(topic);
        break;
      case 3:
        if (dice() % 4 == 0) {
          all[i]->vanish();
          server.run();
          all[i] = server.comes();
          own[i].clear();
        }
        break;
      default: {
        const auto& said = topics[dice() % topics.size()];
        dice() % 2 ? server.publish(said) : server.event(said);
        for (std::size_t j = 0; j < all.size(); ++j) {
          const bool expected = std::ranges::any_of(
            own[j], [&](const std::string& each) { return matches_pattern(each, said); });
          ASSERT_EQ(hears(all[j]), expected ? list{said} : list{})
            << said << " to " << j << ", seed " << seed << ", step " << step;
        }
      }
      }
    }
    for (auto& who : all)
      who->vanish();
    server.run();
    EXPECT_EQ(server.metrics.patterns, 0u);
  }
}

// Whoever has been told `subscribed` hears what others publish from then on, however busy the loops
// are: here the publisher begins as soon as the listener has its answer.
TEST(patterns, hear_all_that_is_published_behind_the_answer) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    listening server({.seed = seed, .loops = 3, .rooms_on_loops = true});
    auto ann = server.comes(), ben = server.comes();
    const std::string topic = seed % 2 ? "a.b" : "a.c";
    server.subscribes(ben, {topic}); // he publishes to the topic itself
    std::mt19937_64 dice(seed);
    ann->say(R"({"type":"subscribe","topic":"a.*"})");
    bool told = false;
    int before = 0, behind = 0;
    std::vector<json> got;
    for (int i = 0; i < 400; ++i) {
      if (dice() % 4 == 0 && behind < 5) {
        ben->say(json{{"type", "publish"}, {"topic", topic}, {"data", told ? 1 : 0}}.dump());
        (told ? behind : before) += 1;
      }
      server.step();
      for (auto& each : heard(ann)) {
        told = told || each["type"] == "subscribed";
        got.push_back(std::move(each));
      }
    }
    server.run();
    for (auto& each : heard(ann))
      got.push_back(std::move(each));
    int heard_behind = 0;
    std::uint64_t last = 0;
    for (const auto& each : got) {
      if (each["type"] != "publication")
        continue;
      heard_behind += each["data"] == 1 ? 1 : 0;
      EXPECT_TRUE(last == 0 || each["offset"] == last + 1) << "none is missing, seed " << seed;
      last = each["offset"];
    }
    ASSERT_EQ(heard_behind, behind) << "seed " << seed;
  }
}

// -- what it costs -----------------------------------------------------------------------------------

TEST(patterns, a_message_costs_by_those_that_match) {
  listening server({.loops = 2, .rooms_on_loops = true, .bounds = {.names_made_per_minute = 0}});
  auto ann = server.comes(), ben = server.comes();
  for (int i = 0; i < 20; ++i) {
    json topics = json::array();
    for (int j = 0; j < 100; ++j)
      topics.push_back("other" + std::to_string(100 * i + j) + ".*");
    auto other = server.comes();
    server.subscribes(other, topics);
  }
  server.subscribes(ann, {"a.*"});
  const auto delivered = [&] {
    std::uint64_t sum = 0;
    for (const auto& loop : server.metrics.loops())
      sum += loop.broadcasts.value();
    return sum;
  };
  const auto before = delivered();
  server.publish("a.b");
  server.publish("nobodys.topic");
  EXPECT_EQ(delivered() - before, 1u) << "one loop of two, and nothing where none matches";
  EXPECT_EQ(hears(ann), list{"a.b"});
}

} // namespace troupe::test
