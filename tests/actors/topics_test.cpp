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
client connected(stage& house) {
  auto who = house.connect();
  house.run();
  who->read();
  return who;
}

client subscribed_to(stage& house, const json& topics) {
  auto who = connected(house);
  subscribe(who, topics);
  house.run();
  EXPECT_EQ(types(heard(who)), (list{"subscribed"}));
  return who;
}

TEST(topics, every_subscriber_hears_every_publication_in_the_same_order) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    stage house({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    std::vector<client> subscribers;
    for (int i = 0; i < 5; ++i)
      subscribers.push_back(subscribed_to(house, {"news"}));
    std::vector<client> publishers;
    for (int i = 0; i < 3; ++i)
      publishers.push_back(connected(house));
    for (int round = 0; round < 10; ++round)
      for (std::size_t p = 0; p < publishers.size(); ++p)
        publish(publishers[p], "news", json{{"by", p}, {"round", round}});
    house.run();
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
    stage house({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    const std::vector<std::string> topics{"a", "b", "c", "d"};
    auto busy = connected(house);
    auto late = connected(house);
    std::mt19937_64 dice(seed);
    const auto burst = [&] {
      for (auto n = dice() % 10; n > 0; --n)
        publish(busy, topics[dice() % topics.size()], n);
    };
    burst();
    burst();
    subscribe(late, topics, "s");
    burst();
    house.run();
    burst();
    house.run();
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
    stage house({.seed = seed, .loops = 2, .rooms_on_loops = seed % 2 == 1});
    auto busy = connected(house);
    auto who = subscribed_to(house, {"a"});
    std::mt19937_64 dice(seed);
    const auto burst = [&] {
      for (auto n = dice() % 8; n > 0; --n)
        publish(busy, dice() % 2 ? "a" : "b", n);
    };
    burst();
    subscribe(who, {"b", "a"});
    burst();
    house.run();
    burst();
    subscribe(who, {"a"});
    burst();
    house.run();
    const auto frames = heard(who);
    const auto seen = types(frames);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "subscribed"), 2) << "seed " << seed;
    followed += follow(frames, seed, {{"a", 0}});
  }
  EXPECT_GT(followed, 1000u);
}

TEST(topics, a_topic_named_twice_is_subscribed_to_once) {
  stage house;
  auto who = connected(house);
  subscribe(who, {"a", "b", "a"});
  publish(who, "a", 1);
  house.run();
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"subscribed", "publication", "published"}));
  EXPECT_EQ(frames[0].at("topics"), (list{"a", "b"}));
}

TEST(topics, a_repeated_msg_id_gets_the_first_answer_and_is_not_published_again) {
  stage house;
  auto listener = subscribed_to(house, {"a"});
  auto first = connected(house);
  auto second = connected(house);
  publish(first, "a", "once", "m1");
  publish(first, "a", "again", "m1");
  publish(second, "a", "by another", "m1");
  publish(second, "a", "new", "m2");
  publish(second, "b", "elsewhere", "m1");
  house.run();
  const auto seen = heard(listener);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].at("data"), "once");
  EXPECT_EQ(seen[1].at("data"), "new");
  for (const auto& answer : heard(first))
    EXPECT_EQ(answer.at("offset"), 1);
  const auto answers = heard(second);
  ASSERT_EQ(types(answers), (list{"published", "published", "published"}));
  EXPECT_EQ(answers[0].at("offset"), 1);
  EXPECT_EQ(answers[1].at("offset"), 2);
  EXPECT_EQ(answers[2].at("topic"), "b");
  EXPECT_EQ(answers[2].at("offset"), 1);
}

TEST(topics, a_msg_id_is_forgotten_when_enough_others_have_come) {
  stage house({.bounds = {.msg_ids_per_topic_max = 2}});
  auto who = connected(house);
  for (const auto* id : {"m1", "m2", "m1", "m3", "m1"})
    publish(who, "a", 0, id);
  house.run();
  list offsets;
  for (const auto& answer : heard(who))
    offsets.push_back(answer.at("offset").dump());
  EXPECT_EQ(offsets, (list{"1", "2", "1", "3", "4"}));
}

TEST(topics, without_a_msg_id_nothing_is_the_same) {
  stage house;
  auto who = subscribed_to(house, {"a"});
  publish(who, "a", "same");
  publish(who, "a", "same");
  house.run();
  const auto seen = types(heard(who));
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "publication"), 2);
}

TEST(topics, publishing_needs_no_subscription_and_makes_none) {
  stage house;
  auto who = connected(house);
  who->say(R"({"type":"publish","topic":"a","data":{"x":1},"event":"order_update","id":9})");
  publish(who, "a", 2);
  house.run();
  const auto answers = heard(who);
  ASSERT_EQ(types(answers), (list{"published", "published"}));
  EXPECT_EQ(answers[0].at("id"), 9);
  EXPECT_EQ(answers[0].at("offset"), 1);
  EXPECT_EQ(answers[0].at("epoch"), answers[1].at("epoch"));
  EXPECT_EQ(answers[1].at("offset"), 2);
}

TEST(topics, an_event_names_the_frame) {
  stage house;
  auto who = subscribed_to(house, {"a"});
  who->say(R"({"type":"publish","topic":"a","data":{"x":1},"event":"order_update"})");
  house.run();
  const auto frame = heard(who).at(0);
  EXPECT_EQ(frame.at("type"), "order_update");
  EXPECT_EQ(frame.at("topic"), "a");
  EXPECT_EQ(frame.at("data"), (json{{"x", 1}}));
  EXPECT_EQ(frame.at("timestamp"), "2026-01-01T00:00:00.000Z");
}

TEST(topics, who_unsubscribes_hears_nothing_after_the_answer) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage house({.seed = seed, .loops = 2});
    auto busy = connected(house);
    auto who = subscribed_to(house, {"a", "b"});
    for (int i = 0; i < 5; ++i)
      publish(busy, "a", i);
    who->say(R"({"type":"unsubscribe","topics":["a","never"],"id":3})");
    for (int i = 0; i < 5; ++i)
      publish(busy, "a", i);
    publish(busy, "b", "still");
    house.run();
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
  stage house({.bounds = {.topics_per_connection_max = 3}});
  auto who = subscribed_to(house, {"a", "b"});
  subscribe(who, {"c", "d"}, 1);
  subscribe(who, {"a", "c"}, 2);
  subscribe(who, {"d"}, 3);
  subscribe(who, {"a", "b", "c"}, 4);
  who->say(R"({"type":"unsubscribe","topic":"a"})");
  subscribe(who, {"d"}, 5);
  house.run();
  const auto frames = heard(who);
  EXPECT_EQ(types(frames),
            (list{"error", "subscribed", "error", "subscribed", "unsubscribed", "subscribed"}));
  EXPECT_EQ(frames[0].at("code"), "limit_exceeded");
  EXPECT_EQ(frames[0].at("id"), 1);
  EXPECT_EQ(frames[2].at("id"), 3);
}

TEST(topics, a_house_has_only_so_many_topics_and_says_which_it_refuses) {
  stage house({.bounds = {.topics_max = 2}});
  auto who = connected(house);
  subscribe(who, {"a", "b", "c"}, "x");
  publish(who, "d", 1);
  publish(who, "a", 1);
  house.run();
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"subscribed", "error", "error", "publication", "published"}));
  EXPECT_EQ(frames[0].at("topics"), (list{"a", "b"}));
  EXPECT_EQ(frames[1].at("code"), "limit_exceeded");
  EXPECT_EQ(frames[1].at("id"), "x");
  EXPECT_EQ(frames[1].at("message").get<std::string>().substr(0, 3), "c: ");
  EXPECT_EQ(frames[2].at("code"), "limit_exceeded");
}

TEST(topics, when_all_are_refused_there_is_no_answer_but_the_errors) {
  stage house({.bounds = {.topics_max = 0}});
  auto who = connected(house);
  subscribe(who, {"a", "b"});
  who->say(R"({"type":"ping"})");
  house.run();
  EXPECT_EQ(types(heard(who)), (list{"error", "error", "pong"}));
}

std::string epoch_of(stage& house, const std::string& topic) {
  auto who = connected(house);
  publish(who, topic, 0);
  house.run();
  const auto epoch = heard(who).at(0).at("epoch").get<std::string>();
  who->vanish();
  house.run();
  return epoch;
}

TEST(topics, a_topic_without_subscribers_is_retired_and_begins_anew) {
  stage house({.bounds = {.topic_idle_timeout = 1s}});
  const auto first = epoch_of(house, "a");
  house.pass(600ms);
  EXPECT_EQ(epoch_of(house, "a"), first) << "a publication keeps it";
  house.pass(600ms);
  EXPECT_EQ(epoch_of(house, "a"), first);
  house.pass(1100ms);
  EXPECT_NE(epoch_of(house, "a"), first);
}

TEST(topics, a_topic_with_a_subscriber_is_kept) {
  stage house({.bounds = {.topic_idle_timeout = 1s}});
  auto who = subscribed_to(house, {"a"});
  const auto first = epoch_of(house, "a");
  house.pass(5s);
  EXPECT_EQ(epoch_of(house, "a"), first);
  who->say(R"({"type":"unsubscribe","topic":"a"})");
  house.run();
  house.pass(1100ms);
  EXPECT_NE(epoch_of(house, "a"), first);
}

TEST(topics, nobody_falls_between_two_epochs) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage house({.seed = seed, .loops = 2, .bounds = {.topic_idle_timeout = 100ms}});
    epoch_of(house, "a");
    auto who = connected(house);
    house.pass(80ms);
    // The subscription and the topic's notice that it is idle are on their way at the same time.
    subscribe(who, {"a"});
    dynamic_cast<caf::scheduler::test_coordinator&>(house.system().scheduler()).advance_time(20ms);
    house.run();
    publish(who, "a", "heard?");
    house.run();
    EXPECT_EQ(types(heard(who)), (list{"subscribed", "publication", "published"}))
      << "seed " << seed;
  }
}

TEST(topics, who_is_gone_before_it_was_in_does_not_stay_a_subscriber) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage house({.seed = seed, .loops = 2, .bounds = {.topic_idle_timeout = 1s}});
    const auto first = epoch_of(house, "a");
    auto hasty = house.connect();
    subscribe(hasty, {"a", "b"});
    if (seed % 2)
      hasty->vanish();
    house.run();
    if (seed % 2 == 0)
      hasty->vanish();
    house.pass(1100ms);
    EXPECT_NE(epoch_of(house, "a"), first) << "seed " << seed;
  }
}

TEST(topics, one_that_publishes_faster_than_the_house_is_read_slower) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    stage house({.seed = seed, .loops = 2, .bounds = {.in_flight_max = 4}});
    auto listener = subscribed_to(house, {"a"});
    auto fast = connected(house);
    for (int i = 0; i < 200; ++i)
      publish(fast, "a", i);
    house.pass(1s);
    const auto seen = heard(listener);
    ASSERT_EQ(seen.size(), 200u) << "seed " << seed;
    for (int i = 0; i < 200; ++i)
      EXPECT_EQ(seen[static_cast<std::size_t>(i)].at("data"), i);
    EXPECT_EQ(types(heard(fast)), list(200, "published"));
  }
}

// A house in which some rooms and topics live on a loop that does not turn by itself.
class absent_minded {
public:
  explicit absent_minded(std::function<bool(audience_id)> absent) {
    house.here.place = [this, absent](audience_id id) -> event_loop* {
      return absent(id) ? &elsewhere_ : nullptr;
    };
  }
  ~absent_minded() {
    caf::anon_send_exit(house.here.directory, caf::exit_reason::user_shutdown);
    wake();
  }

  void wake() {
    do
      house.run();
    while (elsewhere_.turn());
  }

  stage house;

private:
  staged_loop elsewhere_{house.system()};
};

TEST(answers, a_topic_that_never_answers_is_an_error_after_five_seconds) {
  absent_minded there([](audience_id id) { return id == audience_id{2}; }); // the second topic
  auto& house = there.house;
  auto who = connected(house);
  auto other = connected(house);
  subscribe(who, {"a", "b"}, 7);
  who->say(R"({"type":"ping"})");
  house.run();
  publish(other, "a", "held back");
  house.pass(4900ms);
  EXPECT_TRUE(heard(who).empty());
  house.pass(200ms);
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"subscribed", "publication", "error", "pong"}));
  EXPECT_EQ(frames[0].at("topics"), (list{"a"}));
  EXPECT_EQ(frames[0].at("positions").at("a").at("offset"), 0);
  EXPECT_EQ(frames[2].at("code"), "timeout");
  EXPECT_EQ(frames[2].at("id"), 7);
}

TEST(answers, an_answer_after_the_time_out_subscribes_nobody) {
  absent_minded there([](audience_id) { return true; });
  auto& house = there.house;
  auto who = connected(house);
  subscribe(who, {"a"});
  house.pass(5100ms);
  EXPECT_EQ(types(heard(who)), (list{"error"}));
  there.wake();
  auto other = connected(house);
  publish(other, "a", 1);
  there.wake();
  EXPECT_EQ(types(heard(other)), (list{"published"}));
  EXPECT_TRUE(heard(who).empty());
}

TEST(answers, a_client_whose_first_room_never_answers_is_asked_to_come_back) {
  absent_minded there([](audience_id) { return true; });
  auto& house = there.house;
  auto who = house.connect({.room = "r"});
  house.pass(5100ms);
  const auto frames = heard(who);
  ASSERT_EQ(types(frames), (list{"connection", "error", "disconnect"}));
  EXPECT_EQ(frames[1].at("code"), "timeout");
  EXPECT_EQ(frames[2].at("code"), 1013);
}

} // namespace
} // namespace troupe::test
