// What becomes of those who do not read, under each policy of a namespace, and of the others.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <random>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t outbox_bytes_max = 4000;

stage::options small_outboxes(std::uint64_t seed = 0) {
  stage::options how{.seed = seed, .loops = seed % 3 == 0 ? 1u : 2u, .rooms_on_loops = true};
  how.bounds.outbox_bytes_max = outbox_bytes_max;
  how.bounds.messages_per_minute = 0;
  return how;
}

// A server with a namespace for each policy.
struct policies : stage {
  explicit policies(std::uint64_t seed = 0) : stage(small_outboxes(seed)) {
    change([&](live_settings& next) {
      next.access = access_rules({open_to_all("close.>", slow_consumer::close),
                                  open_to_all("oldest.>", slow_consumer::drop_oldest),
                                  open_to_all("latest.>", slow_consumer::latest_only)});
    });
  }

  client connected() {
    auto who = connect();
    run();
    who->read();
    return who;
  }
  client subscribed_to(const std::string& topic) {
    auto who = connected();
    subscribe(who, topic);
    return who;
  }
  void subscribe(client& who, const std::string& topic) {
    who->say(json{{"type", "subscribe"}, {"topic", topic}}.dump());
    run();
    EXPECT_EQ(types(heard(who)), (list{"subscribed"}));
  }
  void publish(client& who, const std::string& topic, std::size_t size = 100) {
    who->say(json{{"type", "publish"}, {"topic", topic}, {"data", std::string(size, 'x')}}.dump());
    run();
  }
};

// Follows one topic or room through `frames`: each message is the next one, and a gap says exactly
// what is missing. Returns where it stands after the last.
struct followed {
  std::uint64_t stands = 0;
  std::size_t gaps = 0;
  std::size_t messages = 0;

  void follow(const std::vector<json>& frames, const std::string& name) {
    for (const auto& frame : frames) {
      const auto of = frame.value("topic", frame.value("room", std::string{}));
      if (of != name || !frame.contains("offset"))
        continue;
      const auto offset = frame.at("offset").get<std::uint64_t>();
      if (frame.at("type") == "gap") {
        EXPECT_EQ(stands + frame.at("dropped").get<std::uint64_t>(), offset);
        ++gaps;
      } else {
        EXPECT_EQ(stands + 1, offset);
        ++messages;
      }
      stands = offset;
    }
  }
};

TEST(slow_consumer, drop_oldest_keeps_the_reader_and_says_what_it_has_missed) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    policies server(seed);
    const std::string topic = "oldest.news";
    std::vector<client> readers;
    for (int i = 0; i < 10; ++i)
      readers.push_back(server.subscribed_to(topic));
    auto stuck = server.subscribed_to(topic);
    auto publisher = server.connected();
    stuck->stall();
    for (int i = 0; i < 200; ++i) {
      server.publish(publisher, topic);
      EXPECT_LE(stuck->waiting_bytes(), outbox_bytes_max);
    }
    for (auto& reader : readers) {
      followed all;
      all.follow(heard(reader), topic);
      EXPECT_EQ(all.stands, 200u);
      EXPECT_EQ(all.gaps, 0u);
    }
    EXPECT_TRUE(heard(stuck).empty());
    stuck->resume();
    server.publish(publisher, topic);
    followed some;
    some.follow(heard(stuck), topic);
    EXPECT_EQ(some.stands, 201u) << "it is up to date again";
    EXPECT_EQ(some.gaps, 1u);
    EXPECT_GT(some.messages, outbox_bytes_max / 300);
    EXPECT_FALSE(stuck->gone());
  }
}

TEST(slow_consumer, latest_only_keeps_the_newest_of_each_topic) {
  policies server;
  auto stuck = server.subscribed_to("latest.a");
  server.subscribe(stuck, "latest.b");
  auto reader = server.subscribed_to("latest.a");
  auto publisher = server.connected();
  stuck->stall();
  for (int i = 0; i < 500; ++i) {
    server.publish(publisher, "latest.a");
    server.publish(publisher, "latest.b");
    EXPECT_LE(stuck->waiting_bytes(), outbox_bytes_max);
  }
  followed all;
  all.follow(heard(reader), "latest.a");
  EXPECT_EQ(all.messages, 500u);
  stuck->resume();
  const auto frames = heard(stuck);
  EXPECT_EQ(types(frames), (list{"gap", "gap", "publication", "publication"}));
  for (const auto* topic : {"latest.a", "latest.b"}) {
    followed newest;
    newest.follow(frames, topic);
    EXPECT_EQ(newest.stands, 500u);
  }
  for (int i = 0; i < 5; ++i)
    server.publish(publisher, "latest.a");
  EXPECT_EQ(types(heard(stuck)), list(5, "publication")) << "it keeps up again";
}

TEST(slow_consumer, close_lets_the_reader_go) {
  policies server;
  auto stuck = server.subscribed_to("close.a");
  auto publisher = server.connected();
  stuck->stall();
  for (int i = 0; i < 50; ++i)
    server.publish(publisher, "close.a");
  stuck->resume();
  const auto frames = stuck->read();
  EXPECT_EQ(json::parse(frames.at(0)).at("type"), "disconnect");
  EXPECT_EQ(frames.back(), "<close 4409>");
}

TEST(slow_consumer, in_a_room_too) {
  policies server;
  auto stuck = server.connect({.user = "Stuck", .room = "oldest.room"});
  server.run();
  auto speaker = server.connect({.user = "Speaker", .room = "oldest.room"});
  server.run();
  stuck->read();
  speaker->read();
  stuck->stall();
  for (int i = 0; i < 100; ++i) {
    speaker->say(R"({"type":"message","message":"0123456789012345678901234567890123456789"})");
    if (i % 10 == 0) { // comings and goings have no offset, and are counted all the same
      auto guest = server.connect({.room = "oldest.room"});
      server.run();
      guest->vanish();
    }
    server.run();
  }
  followed all;
  const auto heard_by_speaker = heard(speaker);
  all.follow(heard_by_speaker, "oldest.room");
  EXPECT_EQ(all.messages, 100u);
  const auto left = types(heard_by_speaker);
  EXPECT_EQ(std::count(left.begin(), left.end(), "user_left"), 10) << "the guests";
  stuck->resume();
  const auto frames = heard(stuck);
  const auto gap = std::find_if(frames.begin(), frames.end(),
                                [](const json& frame) { return frame.at("type") == "gap"; });
  ASSERT_NE(gap, frames.end());
  EXPECT_EQ(gap->at("room"), "oldest.room");
  EXPECT_EQ(gap->at("dropped").get<std::size_t>() + frames.size() - 1, heard_by_speaker.size())
    << "every frame came or was counted";
  followed rest{.stands = gap->at("offset")};
  rest.follow({gap + 1, frames.end()}, "oldest.room");
  EXPECT_EQ(rest.stands, 100u);
  EXPECT_GT(rest.messages, 0u);
}

TEST(slow_consumer, answers_come_all_and_in_their_place) {
  policies server;
  auto stuck = server.subscribed_to("oldest.a");
  auto publisher = server.connected();
  stuck->stall();
  for (int i = 0; i < 10; ++i) {
    for (int k = 0; k < 20; ++k)
      server.publish(publisher, "oldest.a");
    // Says where the topic stands.
    stuck->say(json{{"type", "subscribe"}, {"topic", "oldest.a"}, {"id", i}}.dump());
    server.run();
  }
  stuck->resume();
  followed some;
  int answered = 0;
  for (const auto& frame : heard(stuck)) {
    some.follow({frame}, "oldest.a");
    if (frame.at("type") != "subscribed")
      continue;
    EXPECT_EQ(frame.at("id"), answered++);
    EXPECT_EQ(frame.at("positions").at("oldest.a").at("offset"), some.stands);
  }
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(some.stands, 200u);
}

TEST(slow_consumer, whoever_does_not_read_its_own_answers_is_closed) {
  policies server;
  auto stuck = server.subscribed_to("oldest.a");
  auto publisher = server.connected();
  stuck->stall();
  for (int i = 0; i < 200; ++i) {
    server.publish(publisher, "oldest.a");
    stuck->say(R"({"type":"ping","id":"0123456789012345678901234567890123456789"})");
    server.run();
    EXPECT_LE(stuck->waiting_bytes(), outbox_bytes_max + 200);
  }
  stuck->resume();
  const auto frames = stuck->read();
  EXPECT_EQ(frames.back(), "<close 4409>");
}

TEST(slow_consumer, one_topic_that_closes_is_enough) {
  policies server;
  auto stuck = server.subscribed_to("oldest.a");
  server.subscribe(stuck, "close.a");
  auto publisher = server.connected();
  stuck->stall();
  for (int i = 0; i < 10; ++i)
    server.publish(publisher, "close.a");
  for (int i = 0; i < 100; ++i)
    server.publish(publisher, "oldest.a");
  EXPECT_LE(stuck->waiting_bytes(), outbox_bytes_max);
  for (int i = 0; i < 30; ++i)
    server.publish(publisher, "close.a");
  stuck->resume();
  EXPECT_EQ(stuck->read().back(), "<close 4409>");
}

TEST(slow_consumer, who_leaves_while_stuck_hears_no_more_of_it) {
  policies server;
  auto stuck = server.subscribed_to("oldest.a");
  auto publisher = server.connected();
  stuck->stall();
  for (int i = 0; i < 100; ++i)
    server.publish(publisher, "oldest.a");
  stuck->say(R"({"type":"unsubscribe","topic":"oldest.a"})");
  for (int i = 0; i < 100; ++i)
    server.publish(publisher, "oldest.a");
  server.pass(server.bounds().topic_idle_timeout / 2);
  stuck->resume(); // nobody listens to the topic any more, and what waits still knows its name
  const auto frames = heard(stuck);
  ASSERT_FALSE(frames.empty());
  followed some;
  some.follow(frames, "oldest.a");
  EXPECT_EQ(some.stands, 100u);
  EXPECT_EQ(some.gaps, 1u);
}

TEST(slow_consumer, readers_that_come_and_go_miss_nothing_uncounted) {
  std::size_t gaps = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    policies server(seed);
    std::mt19937_64 dice(seed);
    const std::vector<std::string> topics{"oldest.a", "latest.b"};
    std::vector<client> readers;
    std::vector<std::map<std::string, followed>> seen(6);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      readers.push_back(server.subscribed_to(topics[0]));
      server.subscribe(readers.back(), topics[1]);
    }
    auto publisher = server.connected();
    const auto listen = [&](std::size_t i) {
      const auto frames = heard(readers[i]);
      for (const auto& topic : topics)
        seen[i][topic].follow(frames, topic);
    };
    std::map<std::string, std::uint64_t> published;
    for (int step = 0; step < 300; ++step) {
      const auto i = dice() % readers.size();
      if (dice() % 12 == 0)
        readers[i]->stall();
      if (dice() % 12 == 0)
        readers[i]->resume();
      const auto& topic = topics[dice() % 2];
      server.publish(publisher, topic, dice() % 400);
      ++published[topic];
      listen(i);
    }
    for (std::size_t i = 0; i < readers.size(); ++i) {
      readers[i]->resume();
      server.run();
      listen(i);
      EXPECT_FALSE(readers[i]->gone());
      for (const auto& topic : topics) {
        EXPECT_EQ(seen[i][topic].stands, published[topic]) << "seed " << seed;
        gaps += seen[i][topic].gaps;
      }
    }
  }
  EXPECT_GT(gaps, 100u);
}

} // namespace
} // namespace troupe::test
