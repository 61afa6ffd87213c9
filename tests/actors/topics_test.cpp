// Topics, as their subscribers and publishers see them.
#include "heard.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

void subscribe(client& who, const json& topics, const json& id = nullptr) {
  who->say(json{{"type", "subscribe"}, {"topics", topics}, {"id", id}}.dump());
}

void publish(client& who, const std::string& topic, const json& data,
             const std::string& msg_id = {}) {
  json frame{{"type", "publish"}, {"topic", topic}, {"data", data}};
  if (!msg_id.empty())
    frame["msg_id"] = msg_id;
  who->say(frame.dump());
}

// A client whose greeting has been read.
client connected(stage& server) {
  auto who = server.connect();
  server.run();
  who->read();
  return who;
}

client subscribed_to(stage& server, const json& topics) {
  auto who = connected(server);
  subscribe(who, topics);
  server.run();
  EXPECT_EQ(types(heard(who)), (list{"subscribed"}));
  return who;
}

TEST(topics, every_subscriber_hears_every_publication_in_the_same_order) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    stage server({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    std::vector<client> subscribers;
    for (int i = 0; i < 5; ++i)
      subscribers.push_back(subscribed_to(server, {"news"}));
    std::vector<client> publishers;
    for (int i = 0; i < 3; ++i)
      publishers.push_back(connected(server));
    for (int round = 0; round < 10; ++round)
      for (std::size_t p = 0; p < publishers.size(); ++p)
        publish(publishers[p], "news", json{{"by", p}, {"round", round}});
    server.run();
    const auto first = heard(subscribers.front());
    ASSERT_EQ(first.size(), 30u) << "seed " << seed;
    std::map<int, int> next_round;
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(first[i].at("type"), "publication");
      EXPECT_EQ(first[i].at("offset"), i + 1) << "seed " << seed;
      const auto& data = first[i].at("data");
      EXPECT_EQ(data.at("round"), next_round[data.at("by")]++) << "seed " << seed;
    }
    for (std::size_t i = 1; i < subscribers.size(); ++i)
      EXPECT_EQ(heard(subscribers[i]), first) << "seed " << seed;
    for (auto& publisher : publishers)
      EXPECT_EQ(types(heard(publisher)), list(10, "published"));
  }
}

// What a client that counts makes of its frames: `subscribed` says where each topic stands; from
// there on every publication is the next one. Returns how many publications came after it.
std::size_t follow(const std::vector<json>& frames, std::uint64_t seed,
                   std::map<std::string, std::uint64_t> before = {}) {
  auto& at = before; // offset of the last publication, by topic
  std::size_t followed = 0;
  for (const auto& frame : frames) {
    if (frame.at("type") == "subscribed") {
      for (const auto& [topic, position] : frame.at("positions").items()) {
        const auto offset = position.at("offset").get<std::uint64_t>();
        if (at.contains(topic)) {
          EXPECT_EQ(offset, at[topic])
            << topic << ": the position is not where the stream is, seed " << seed;
        }
        at[topic] = offset;
      }
    } else if (frame.at("type") == "publication") {
      const auto topic = frame.at("topic").get<std::string>();
      EXPECT_TRUE(at.contains(topic)) << topic << " before it was subscribed to, seed " << seed;
      EXPECT_EQ(frame.at("offset"), ++at[topic]) << topic << ", seed " << seed;
      ++followed;
    }
  }
  return followed;
}

TEST(topics, the_answer_comes_before_any_publication_of_its_topics) {
  std::size_t followed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    stage server({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    const std::vector<std::string> topics{"a", "b", "c", "d"};
    auto busy = connected(server);
    auto late = connected(server);
    std::mt19937_64 dice(seed);
    const auto burst = [&] {
      for (auto n = dice() % 10; n > 0; --n)
        publish(busy, topics[dice() % topics.size()], n);
    };
    burst();
    burst();
    subscribe(late, topics, "s");
    burst();
    server.run();
    burst();
    server.run();
    const auto frames = heard(late);
    ASSERT_EQ(types(frames).front(), "subscribed") << "seed " << seed;
    EXPECT_EQ(frames.front().at("topics"), topics) << "in the order of the request, seed " << seed;
    EXPECT_EQ(frames.front().at("id"), "s");
    followed += follow(frames, seed);
  }
  EXPECT_GT(followed, 1000u);
}

TEST(topics, subscribing_again_says_where_the_stream_is) {
  std::size_t followed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    stage server({.seed = seed, .loops = 2, .rooms_on_loops = seed % 2 == 1});
    auto busy = connected(server);
    auto who = subscribed_to(server, {"a"});
    std::mt19937_64 dice(seed);
    const auto burst = [&] {
      for (auto n = dice() % 8; n > 0; --n)
        publish(busy, dice() % 2 ? "a" : "b", n);
    };
    burst();
    subscribe(who, {"b", "a"});
    burst();
    server.run();
    burst();
    subscribe(who, {"a"});
    burst();
    server.run();
    const auto frames = heard(who);
    const auto seen = types(frames);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "subscribed"), 2) << "seed " << seed;
    followed += follow(frames, seed, {{"a", 0}});
  }
  EXPECT_GT(followed, 1000u);
}

TEST(topics, a_topic_named_twice_is_subscribed_to_once) {
  stage server;
  auto who = connected(server);
  subscribe(who, {"a", "b", "a"});
  publish(who, "a", 1);
  server.run();
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"subscribed", "publication", "published"}));
  EXPECT_EQ(frames[0].at("topics"), (list{"a", "b"}));
}

TEST(topics, a_repeated_msg_id_gets_the_first_answer_and_is_not_published_again) {
  stage server;
  auto listener = subscribed_to(server, {"a"});
  auto first = connected(server);
  auto second = connected(server);
  publish(first, "a", "once", "m1");
  publish(first, "a", "again", "m1");
  publish(second, "a", "by another", "m1");
  publish(second, "a", "and again", "m1");
  publish(second, "b", "elsewhere", "m1");
  server.run();
  const auto seen = heard(listener);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].at("data"), "once");
  EXPECT_EQ(seen[1].at("data"), "by another") << "an id is its sender's own";
  for (const auto& answer : heard(first))
    EXPECT_EQ(answer.at("offset"), 1);
  const auto answers = heard(second);
  ASSERT_EQ(types(answers), (list{"published", "published", "published"}));
  EXPECT_EQ(answers[0].at("offset"), 2);
  EXPECT_EQ(answers[1].at("offset"), 2);
  EXPECT_EQ(answers[2].at("topic"), "b");
  EXPECT_EQ(answers[2].at("offset"), 1);
}

TEST(topics, a_msg_id_is_forgotten_when_enough_others_have_come) {
  stage server({.bounds = {.msg_ids_per_topic_max = 2}});
  auto who = connected(server);
  for (const auto* id : {"m1", "m2", "m1", "m3", "m1"})
    publish(who, "a", 0, id);
  server.run();
  list offsets;
  for (const auto& answer : heard(who))
    offsets.push_back(answer.at("offset").dump());
  EXPECT_EQ(offsets, (list{"1", "2", "1", "3", "4"}));
}

TEST(topics, without_a_msg_id_nothing_is_the_same) {
  stage server;
  auto who = subscribed_to(server, {"a"});
  publish(who, "a", "same");
  publish(who, "a", "same");
  server.run();
  const auto seen = types(heard(who));
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "publication"), 2);
}

TEST(topics, publishing_needs_no_subscription_and_makes_none) {
  stage server;
  auto who = connected(server);
  who->say(R"({"type":"publish","topic":"a","data":{"x":1},"event":"order_update","id":9})");
  publish(who, "a", 2);
  server.run();
  const auto answers = heard(who);
  ASSERT_EQ(types(answers), (list{"published", "published"}));
  EXPECT_EQ(answers[0].at("id"), 9);
  EXPECT_EQ(answers[0].at("offset"), 1);
  EXPECT_EQ(answers[0].at("epoch"), answers[1].at("epoch"));
  EXPECT_EQ(answers[1].at("offset"), 2);
}

TEST(topics, an_event_names_the_frame) {
  stage server;
  auto who = subscribed_to(server, {"a"});
  who->say(R"({"type":"publish","topic":"a","data":{"x":1},"event":"order_update"})");
  server.run();
  const auto frame = heard(who).at(0);
  EXPECT_EQ(frame.at("type"), "order_update");
  EXPECT_EQ(frame.at("topic"), "a");
  EXPECT_EQ(frame.at("data"), (json{{"x", 1}}));
  EXPECT_EQ(frame.at("timestamp"), "2026-01-01T00:00:00.000Z");
}

TEST(topics, who_unsubscribes_hears_nothing_after_the_answer) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server({.seed = seed, .loops = 2});
    auto busy = connected(server);
    auto who = subscribed_to(server, {"a", "b"});
    for (int i = 0; i < 5; ++i)
      publish(busy, "a", i);
    who->say(R"({"type":"unsubscribe","topics":["a","never"],"id":3})");
    for (int i = 0; i < 5; ++i)
      publish(busy, "a", i);
    publish(busy, "b", "still");
    server.run();
    const auto frames = heard(who);
    const auto answer = std::find_if(frames.begin(), frames.end(),
                                     [](const json& f) { return f.at("type") == "unsubscribed"; });
    ASSERT_NE(answer, frames.end()) << "seed " << seed;
    EXPECT_EQ((*answer).at("topics"), (list{"a", "never"}));
    EXPECT_EQ((*answer).at("id"), 3);
    EXPECT_TRUE(
      std::none_of(answer, frames.end(), [](const json& f) { return f.value("topic", "") == "a"; }))
      << "seed " << seed;
    EXPECT_EQ(std::count_if(frames.begin(), frames.end(),
                            [](const json& f) { return f.value("topic", "") == "b"; }),
              1)
      << "seed " << seed;
  }
}

TEST(topics, a_connection_has_only_so_many_topics) {
  stage server({.bounds = {.topics_per_connection_max = 3}});
  auto who = subscribed_to(server, {"a", "b"});
  subscribe(who, {"c", "d"}, 1);
  subscribe(who, {"a", "c"}, 2);
  subscribe(who, {"d"}, 3);
  subscribe(who, {"a", "b", "c"}, 4);
  who->say(R"({"type":"unsubscribe","topic":"a"})");
  subscribe(who, {"d"}, 5);
  server.run();
  const auto frames = heard(who);
  EXPECT_EQ(types(frames),
            (list{"error", "subscribed", "error", "subscribed", "unsubscribed", "subscribed"}));
  EXPECT_EQ(frames[0].at("code"), "limit_exceeded");
  EXPECT_EQ(frames[0].at("id"), 1);
  EXPECT_EQ(frames[2].at("id"), 3);
}

TEST(topics, a_server_has_only_so_many_topics_and_says_which_it_refuses) {
  stage server({.bounds = {.topics_max = 2}});
  auto who = connected(server);
  subscribe(who, {"a", "b", "c"}, "x");
  publish(who, "d", 1);
  publish(who, "a", 1);
  server.run();
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"subscribed", "error", "publication", "published"}));
  EXPECT_EQ(frames[0].at("topics"), (list{"a", "b"}));
  EXPECT_EQ(frames[0].at("id"), "x");
  EXPECT_EQ(frames[0].at("refused").at(0).at("topic"), "c");
  EXPECT_EQ(frames[1].at("code"), "limit_exceeded");
  EXPECT_EQ(frames[1].at("topic"), "d");
}

TEST(topics, when_all_are_refused_there_is_no_answer_but_the_error) {
  stage server({.bounds = {.topics_max = 0}});
  auto who = connected(server);
  subscribe(who, {"a", "b"});
  who->say(R"({"type":"ping"})");
  server.run();
  EXPECT_EQ(types(heard(who)), (list{"error", "pong"}));
}

std::string epoch_of(stage& server, const std::string& topic) {
  auto who = connected(server);
  publish(who, topic, 0);
  server.run();
  const auto epoch = heard(who).at(0).at("epoch").get<std::string>();
  who->vanish();
  server.run();
  return epoch;
}

TEST(topics, a_topic_without_subscribers_is_retired_and_begins_anew) {
  stage server({.bounds = {.topic_idle_timeout = 1s}});
  const auto first = epoch_of(server, "a");
  server.pass(600ms);
  EXPECT_EQ(epoch_of(server, "a"), first) << "a publication keeps it";
  server.pass(600ms);
  EXPECT_EQ(epoch_of(server, "a"), first);
  server.pass(1100ms);
  EXPECT_NE(epoch_of(server, "a"), first);
}

TEST(topics, a_topic_with_a_subscriber_is_kept) {
  stage server({.bounds = {.topic_idle_timeout = 1s}});
  auto who = subscribed_to(server, {"a"});
  const auto first = epoch_of(server, "a");
  server.pass(5s);
  EXPECT_EQ(epoch_of(server, "a"), first);
  who->say(R"({"type":"unsubscribe","topic":"a"})");
  server.run();
  server.pass(1100ms);
  EXPECT_NE(epoch_of(server, "a"), first);
}

TEST(topics, nobody_falls_between_two_epochs) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server({.seed = seed, .loops = 2, .bounds = {.topic_idle_timeout = 100ms}});
    epoch_of(server, "a");
    auto who = connected(server);
    server.pass(80ms);
    // The subscription and the topic's notice that it is idle are on their way at the same time.
    subscribe(who, {"a"});
    dynamic_cast<caf::scheduler::test_coordinator&>(server.system().scheduler()).advance_time(20ms);
    server.run();
    publish(who, "a", "heard?");
    server.run();
    EXPECT_EQ(types(heard(who)), (list{"subscribed", "publication", "published"}))
      << "seed " << seed;
  }
}

TEST(topics, who_is_gone_before_it_was_in_does_not_stay_a_subscriber) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server({.seed = seed, .loops = 2, .bounds = {.topic_idle_timeout = 1s}});
    const auto first = epoch_of(server, "a");
    auto hasty = server.connect();
    subscribe(hasty, {"a", "b"});
    if (seed % 2)
      hasty->vanish();
    server.run();
    if (seed % 2 == 0)
      hasty->vanish();
    server.pass(1100ms);
    EXPECT_NE(epoch_of(server, "a"), first) << "seed " << seed;
  }
}

TEST(topics, one_that_publishes_faster_than_the_server_is_read_slower) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    stage server({.seed = seed, .loops = 2, .bounds = {.in_flight_max = 4}});
    auto listener = subscribed_to(server, {"a"});
    auto fast = connected(server);
    for (int i = 0; i < 200; ++i)
      publish(fast, "a", i);
    server.pass(1s);
    const auto seen = heard(listener);
    ASSERT_EQ(seen.size(), 200u) << "seed " << seed;
    for (int i = 0; i < 200; ++i)
      EXPECT_EQ(seen[static_cast<std::size_t>(i)].at("data"), i);
    EXPECT_EQ(types(heard(fast)), list(200, "published"));
  }
}

// A server in which some rooms and topics live on a loop that does not turn by itself.
class absent_minded {
public:
  explicit absent_minded(std::function<bool(std::string_view)> absent) {
    server.routes.loop_of = [this, absent](audience_kind, std::string_view name) -> event_loop* {
      return absent(name) ? &elsewhere_ : nullptr;
    };
  }
  ~absent_minded() {
    caf::anon_send_exit(server.routes.directory, caf::exit_reason::user_shutdown);
    wake();
  }

  void wake() {
    do
      server.run();
    while (elsewhere_.turn());
  }

  stage server;

private:
  staged_loop elsewhere_{server.system()};
};

TEST(answers, a_topic_that_never_answers_is_an_error_after_five_seconds) {
  absent_minded there([](std::string_view name) { return name == "b"; });
  auto& server = there.server;
  auto who = connected(server);
  auto other = connected(server);
  subscribe(who, {"a", "b"}, 7);
  who->say(R"({"type":"ping"})");
  server.run();
  publish(other, "a", "held back");
  server.pass(4900ms);
  EXPECT_TRUE(heard(who).empty());
  server.pass(200ms);
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"subscribed", "publication", "pong"}));
  EXPECT_EQ(frames[0].at("topics"), (list{"a"}));
  EXPECT_EQ(frames[0].at("positions").at("a").at("offset"), 0);
  EXPECT_EQ(frames[0].at("refused").at(0).at("topic"), "b");
  EXPECT_EQ(frames[0].at("refused").at(0).at("code"), "timeout");
  EXPECT_EQ(frames[0].at("id"), 7);
}

TEST(answers, an_answer_after_the_time_out_subscribes_nobody) {
  absent_minded there([](std::string_view) { return true; });
  auto& server = there.server;
  auto who = connected(server);
  subscribe(who, {"a"});
  server.pass(5100ms);
  EXPECT_EQ(types(heard(who)), (list{"error"}));
  there.wake();
  auto other = connected(server);
  publish(other, "a", 1);
  there.wake();
  EXPECT_EQ(types(heard(other)), (list{"published"}));
  EXPECT_TRUE(heard(who).empty());
}

TEST(answers, a_client_whose_first_room_never_answers_is_asked_to_come_back) {
  absent_minded there([](std::string_view) { return true; });
  auto& server = there.server;
  auto who = server.connect({.room = "r"});
  server.pass(5100ms);
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"connection", "error", "disconnect"}));
  EXPECT_EQ(frames[1].at("code"), "timeout");
  EXPECT_EQ(frames[2].at("close_code"), 1013);
}

} // namespace
} // namespace troupe::test
