// What there is for all: one client holds all that it can, and others get in all the same.
#include "heard.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr holder_id attackers{2}, honest{1};

client from(stage& server, holder_id address) {
  auto who = server.connect({.address = address});
  server.run();
  heard(who);
  return who;
}

// What is told after this was said.
json told(stage& server, client& who, const json& frame) {
  who->say(frame.dump());
  server.run();
  const auto frames = heard(who);
  return frames.empty() ? json() : frames.front();
}

json subscribe_to(const json& topics) {
  return {{"type", "subscribe"}, {"topics", topics}};
}

std::string name(const char* kind, int i) {
  return kind + std::to_string(i);
}

std::uint64_t yielded(const stage& server, shared_resource what) {
  return server.metrics.shares_yielded.value(static_cast<std::size_t>(what));
}

std::uint64_t refused(const stage& server, shared_resource what) {
  return server.metrics.shares_refused.value(static_cast<std::size_t>(what));
}

// -- topics ------------------------------------------------------------------------------------------

TEST(shares, a_topic_that_nobody_published_on_ends_with_its_last_subscriber) {
  stage server;
  auto ann = from(server, honest);
  auto bob = from(server, honest);
  for (auto* who : {&ann, &bob})
    told(server, *who, subscribe_to({"quiet", "busy"}));
  told(server, ann, {{"type", "publish"}, {"topic", "busy"}, {"data", 1}});
  told(server, ann, {{"type", "unsubscribe"}, {"topics", {"quiet", "busy"}}});
  EXPECT_EQ(server.metrics.topics, 2u) << "bob is there";
  bob->vanish();
  server.run();
  EXPECT_EQ(server.metrics.topics, 1u);
}

TEST(shares, subscribing_and_leaving_again_takes_nothing) {
  stage server({.bounds = {.topics_max = 1000, .names_made_per_minute = 0}});
  auto eve = from(server, attackers);
  for (int round = 0; round < 100; ++round) {
    json topics = json::array();
    for (int i = 0; i < 100; ++i)
      topics.push_back(name("t", 100 * round + i));
    ASSERT_EQ(told(server, eve, subscribe_to(topics)).at("type"), "subscribed") << round;
    told(server, eve, {{"type", "unsubscribe"}, {"topics", topics}});
  }
  EXPECT_EQ(server.metrics.topics, 0u);
}

// So many new names fit into one message.
TEST(shares, new_names_have_a_budget_of_their_own) {
  stage server({.bounds = {.topics_per_connection_max = 10,
                           .rooms_per_connection_max = 2,
                           .names_made_per_minute = 60}});
  auto eve = from(server, attackers);
  const auto ten = [](int from) {
    json topics = json::array();
    for (int i = 0; i < 10; ++i)
      topics.push_back(name("t", from + i));
    return topics;
  };
  EXPECT_EQ(told(server, eve, subscribe_to(ten(0))).at("topics").size(), 10u);
  told(server, eve, {{"type", "unsubscribe"}, {"topics", ten(0)}});
  eve->say(subscribe_to(ten(100)).dump());
  server.run();
  const auto frames = heard(eve);
  ASSERT_EQ(types(frames).front(), "subscribed");
  EXPECT_EQ(frames[0].at("topics").size(), 2u) << "what was left of twelve at once";
  ASSERT_EQ(frames[0].at("refused").size(), 8u);
  EXPECT_EQ(frames[0].at("refused")[0].at("code"), "rate_limited");
  EXPECT_GT(frames[0].at("refused")[0].at("retry_after_ms"), 900);
  EXPECT_EQ(told(server, eve, {{"type", "publish"}, {"topic", "new"}, {"data", 1}}).at("code"),
            "rate_limited");
  EXPECT_EQ(told(server, eve, {{"type", "join"}, {"room", "new"}}).at("code"), "rate_limited");
  // What is there already costs nothing.
  auto ann = from(server, honest);
  told(server, ann, subscribe_to({"there"}));
  EXPECT_EQ(told(server, eve, subscribe_to({"there"})).at("type"), "subscribed");
  server.pass(1s);
  EXPECT_EQ(told(server, eve, {{"type", "join"}, {"room", "new"}}).at("type"), "joined");
}

TEST(shares, a_page_comes_back_at_once_after_a_restart) {
  stage server(
    {.bounds = {.names_made_per_minute = 1, .messages_per_minute = 60, .messages_burst = 10}});
  auto ann = from(server, honest);
  json topics = json::array();
  for (int i = 0; i < 128; ++i)
    topics.push_back(name("t", i));
  EXPECT_EQ(told(server, ann, subscribe_to(topics)).at("topics").size(), 128u);
}

// Each publication on a new name leaves a topic behind for a while.
TEST(shares, who_publishes_on_ever_new_names_uses_up_its_share_and_no_more) {
  stage server(
    {.bounds = {.topics_max = 100, .names_made_per_minute = 0, .messages_per_minute = 0}});
  auto eve = from(server, attackers);
  for (int i = 0; i < 300; ++i)
    ASSERT_EQ(
      told(server, eve, {{"type", "publish"}, {"topic", name("x", i)}, {"data", i}}).at("type"),
      "published");
  EXPECT_EQ(server.metrics.topics, 51u);
  EXPECT_EQ(yielded(server, shared_resource::topics), 249u);
  auto ann = from(server, honest);
  EXPECT_EQ(told(server, ann, subscribe_to({"news"})).at("type"), "subscribed");
}

TEST(shares, what_the_api_publishes_to_nobody_keeps_nobody_off) {
  stage server({.bounds = {.topics_max = 20}});
  caf::scoped_actor api{server.system()};
  for (int i = 0; i < 20; ++i) {
    api->send(server.routes.directory,
              post{.kind = audience_kind::topic, .name = name("api", i), .content = "1"});
    server.run();
    api->receive([](const posted& outcome) { ASSERT_TRUE(outcome.result); });
  }
  auto ann = from(server, honest);
  EXPECT_EQ(told(server, ann, subscribe_to({"news"})).at("type"), "subscribed");
  EXPECT_EQ(server.metrics.topics, 20u);
}

// -- rooms -------------------------------------------------------------------------------------------

class full_of_rooms : public testing::TestWithParam<std::uint64_t> {
protected:
  static constexpr int most = 100;

  stage server{{.seed = GetParam(),
                .loops = 2,
                .bounds = {.rooms_per_connection_max = 1000,
                           .rooms_max = most,
                           .names_made_per_minute = 0,
                           .connection_share = 100}}};
};

TEST_P(full_of_rooms, an_attacker_who_stays_in_rooms_leaves_half_to_others) {
  std::vector<client> crowd;
  int in = 0;
  for (int i = 0; i < 2 * most; ++i) {
    auto eve = server.connect({.room = name("e", i), .address = attackers});
    server.run();
    in += !eve->leaving();
    crowd.push_back(eve);
  }
  EXPECT_EQ(in, most / 2 + 1);
  auto& last = crowd.back();
  const auto frames = heard(last);
  ASSERT_FALSE(frames.empty());
  EXPECT_NE(frames[1].at("message").get<std::string>().find("address_share"), std::string::npos);
  EXPECT_GT(refused(server, shared_resource::rooms), 0u);
  for (int i = 0; i < 20; ++i) {
    auto ann = server.connect({.room = name("a", i), .address = honest});
    server.run();
    EXPECT_FALSE(ann->leaving());
    crowd.push_back(ann);
  }
  EXPECT_EQ(yielded(server, shared_resource::rooms), 0u) << "all of them have members";
}

TEST_P(full_of_rooms, an_attacker_who_dials_and_leaves_keeps_nobody_out) {
  // From ever new addresses: together they take all there is.
  for (std::uint64_t i = 0; i < 3 * most; ++i) {
    auto eve =
      server.connect({.room = name("e", static_cast<int>(i)), .address = holder_id{1000 + i % 10}});
    server.run();
    eve->vanish();
    server.run();
  }
  EXPECT_EQ(server.metrics.rooms, static_cast<std::uint32_t>(most));
  std::vector<client> members;
  for (int i = 0; i < 20; ++i) {
    members.push_back(server.connect({.room = name("a", i), .address = honest}));
    server.run();
    EXPECT_FALSE(members.back()->leaving());
  }
  EXPECT_LE(server.metrics.rooms, static_cast<std::uint32_t>(most));
  // The API is charged to nobody, and gets in just as well.
  caf::scoped_actor api{server.system()};
  api->send(server.routes.directory,
            post{.kind = audience_kind::room, .name = "api", .user = "x", .content = "1"});
  server.run();
  EXPECT_TRUE(api->has_next_message());
  api->receive([](const posted& outcome) { EXPECT_TRUE(outcome.result); });
}

TEST_P(full_of_rooms, what_the_api_made_and_nobody_is_in_keeps_nobody_out) {
  caf::scoped_actor api{server.system()};
  for (int i = 0; i < 2 * most; ++i) {
    api->send(
      server.routes.directory,
      post{.kind = audience_kind::room, .name = name("api", i), .user = "x", .content = "1"});
    server.run();
    api->receive([](const posted& outcome) { ASSERT_TRUE(outcome.result); });
  }
  EXPECT_EQ(server.metrics.rooms, static_cast<std::uint32_t>(most));
  const auto before = yielded(server, shared_resource::rooms);
  std::vector<client> members;
  for (int i = 0; i < 20; ++i) {
    members.push_back(server.connect({.room = name("a", i), .address = honest}));
    server.run();
    EXPECT_FALSE(members.back()->leaving());
  }
  EXPECT_EQ(yielded(server, shared_resource::rooms), before + 20);
  // So are those that clients have been in, and left.
  for (int i = 0; i < 10; ++i) {
    const auto room = name("api", 2 * most - 1 - i);
    told(server, members.front(), {{"type", "join"}, {"room", room}});
    told(server, members.front(), {{"type", "leave"}, {"room", room}});
  }
  for (int i = 20; i < most; ++i) {
    members.push_back(server.connect({.room = name("a", i), .address = holder_id{1000u + i % 10}}));
    server.run();
    EXPECT_FALSE(members.back()->leaving()) << i;
  }
}

TEST_P(full_of_rooms, an_empty_room_to_which_somebody_is_on_the_way_is_not_taken) {
  auto eve = from(server, attackers);
  for (int i = 0; i < most; ++i) {
    told(server, eve, {{"type", "join"}, {"room", name("e", i)}});
    told(server, eve, {{"type", "leave"}, {"room", name("e", i)}});
  }
  auto ann = from(server, honest);
  auto bob = from(server, holder_id{3});
  // Both at once: what ann enters is what would have to go for bob.
  for (int i = 0; i < most; ++i) {
    ann->say(json{{"type", "join"}, {"room", name("e", i)}, {"id", i}}.dump());
    bob->say(json{{"type", "join"}, {"room", name("b", i)}, {"id", i}}.dump());
    server.run();
    for (auto* who : {&ann, &bob}) {
      const auto answer = heard(*who);
      ASSERT_FALSE(answer.empty()) << i;
      if (answer.front().at("type") == "joined")
        EXPECT_EQ(answer.front().at("id"), i);
      else
        EXPECT_EQ(answer.front().at("code"), "limit_exceeded");
    }
  }
  ann->say(R"({"type":"message","room":"e0","message":1})");
  server.run();
  EXPECT_EQ(types(heard(ann)), (list{"message"}));
}

INSTANTIATE_TEST_SUITE_P(seeds, full_of_rooms, testing::Values(0, 1, 2, 3));

} // namespace
} // namespace troupe::test
