// What one turn brings says nothing about a reader: however much it is, and whoever sends it, a
// transport that takes everything loses nobody and misses nothing.
//
//   from          one client, many clients, the API, a bridge's rule
//   to            a room, a topic, everyone, one client's own answers
//   policy        close, drop_oldest, latest_only
//   transport     takes all; is full after a while; takes nothing; fails amid the turn
#include "heard.hpp"
#include "stage.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::test {
namespace {

using nlohmann::json;

constexpr std::size_t outbox_bytes_max = 8 * 1024;

stage::options in_memory(std::uint64_t seed = 0) {
  stage::options how{
    .seed = seed, .loops = seed % 3 == 0 ? 1u : 2u, .rooms_on_loops = seed % 2 == 1};
  how.bounds.outbox_bytes_max = outbox_bytes_max;
  how.bounds.messages_per_minute = 0;
  return how;
}

struct burst : stage {
  explicit burst(slow_consumer slow = slow_consumer::close, std::uint64_t seed = 0)
    : stage(in_memory(seed)) {
    change([&](live_settings& next) { next.access = access_rules({open_to_all(">", slow)}); });
  }

  std::vector<client> members(std::size_t count) {
    std::vector<client> out;
    for (std::size_t i = 0; i < count; ++i)
      out.push_back(connect({.room = "r"}));
    run();
    for (auto& each : out)
      each->read();
    return out;
  }
  std::vector<client> subscribers(std::size_t count) {
    std::vector<client> out;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(connect());
      out.back()->say(R"({"type":"subscribe","topic":"t"})");
    }
    run();
    for (auto& each : out)
      each->read();
    return out;
  }
};

std::string said(std::size_t bytes) {
  return json{{"type", "message"}, {"message", std::string(bytes, 'x')}}.dump();
}

// They got `count` messages of the room or topic, each the next one, and nothing else but `others`.
void expect_all(std::vector<client>& readers, std::size_t count, const list& others = {}) {
  for (auto& reader : readers) {
    EXPECT_LE(reader->most_waiting(), outbox_bytes_max);
    std::uint64_t offset = 0;
    for (const auto& frame : heard(reader))
      if (frame.contains("offset")) {
        EXPECT_EQ(frame.at("offset"), ++offset) << frame.at("type");
      } else {
        const auto type = frame.at("type").get<std::string>();
        EXPECT_NE(std::find(others.begin(), others.end(), type), others.end()) << frame;
      }
    EXPECT_EQ(offset, count);
    EXPECT_FALSE(reader->leaving());
  }
}

constexpr slow_consumer policies[] = {slow_consumer::close, slow_consumer::drop_oldest,
                                      slow_consumer::latest_only};

TEST(burst, of_many_members_reaches_everybody) {
  for (const auto slow : policies)
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      burst server(slow, seed);
      auto all = server.members(23);
      for (int i = 0; i < 20; ++i)
        all[static_cast<std::size_t>(i)]->say(said(7'000));
      server.run();
      expect_all(all, 20);
    }
}

TEST(burst, of_one_member_reaches_everybody) {
  burst server;
  auto all = server.members(5);
  for (int i = 0; i < 60; ++i)
    all[0]->say(said(7'000));
  server.run();
  expect_all(all, 60);
}

TEST(burst, of_small_messages_reaches_everybody) {
  for (const auto slow : policies) {
    burst server(slow);
    auto all = server.members(40);
    for (int round = 0; round < 10; ++round)
      for (auto& each : all)
        each->say(said(30));
    server.run();
    expect_all(all, 400);
  }
}

TEST(burst, of_the_api_reaches_everybody) {
  for (const auto slow : policies) {
    burst server(slow);
    auto all = server.subscribers(4);
    for (int i = 0; i < 8; ++i)
      caf::anon_send(server.routes.directory,
                     post{.kind = audience_kind::topic,
                          .name = "t",
                          .content = json(std::string(30'000, 'x')).dump()});
    server.run();
    for (auto& each : all)
      EXPECT_EQ(types(heard(each)), list(8, "publication"));
  }
}

TEST(burst, of_a_bridge_reaches_everybody) {
  for (const auto slow : policies) {
    burst server(slow);
    auto all = server.subscribers(4);
    for (int i = 0; i < 500; ++i)
      caf::anon_send(server.routes.directory,
                     bridged{.to = bridge_target::topic,
                             .name = "t",
                             .type = "price",
                             .members = R"(,"data":")" + std::string(200, 'x') + '"'});
    server.run();
    expect_all(all, 500);
  }
}

TEST(burst, of_announcements_reaches_everybody) {
  burst server;
  auto all = server.members(4);
  for (int i = 0; i < 50; ++i)
    caf::anon_send(server.routes.directory, announce{std::string(1'500, 'x')});
  server.run();
  for (auto& each : all)
    EXPECT_EQ(types(heard(each)), list(50, "announcement"));
}

TEST(burst, of_answers_reaches_who_asked) {
  burst server;
  auto who = server.connect();
  server.run();
  who->read();
  const std::string id(120, 'i');
  for (int i = 0; i < 2000; ++i)
    who->say(json{{"type", "ping"}, {"id", id}}.dump());
  server.run();
  EXPECT_EQ(types(heard(who)), list(2000, "pong"));
}

TEST(burst, of_a_frame_longer_than_an_outbox_reaches_everybody) {
  burst server;
  auto all = server.subscribers(3);
  for (int i = 0; i < 2; ++i)
    caf::anon_send(server.routes.directory,
                   post{.kind = audience_kind::topic,
                        .name = "t",
                        .content = json(std::string(2 * outbox_bytes_max, 'x')).dump()});
  server.run();
  for (auto& each : all)
    EXPECT_EQ(types(heard(each)), list(2, "publication"));
}

TEST(burst, closes_the_one_in_a_hundred_that_does_not_read) {
  for (const bool takes_some : {false, true}) {
    burst server;
    auto all = server.members(100);
    auto stuck = all.back();
    stuck->stall_after(takes_some ? 600 : 0);
    for (int i = 0; i < 3; ++i) {
      all[0]->say(said(7'000));
      all[1]->say(said(7'000));
      server.run();
    }
    EXPECT_TRUE(stuck->leaving());
    EXPECT_LE(stuck->most_waiting(), outbox_bytes_max + 100) << "with the last words";
    all.pop_back();
    expect_all(all, 6, {"user_left"});
    stuck->resume();
    EXPECT_EQ(stuck->read().back(), "<close 4409>");
  }
}

TEST(burst, who_has_read_since_its_transport_was_full_stays) {
  burst server;
  auto all = server.members(2);
  auto late = all.back();
  late->stall();
  for (int i = 0; i < 20; ++i) {
    all[0]->say(said(190));
    server.run();
  }
  EXPECT_GT(late->waiting_bytes(), outbox_bytes_max * 3 / 4);
  late->stall_after(SIZE_MAX); // and nobody has told the server
  for (int i = 0; i < 20; ++i)
    all[0]->say(said(190));
  server.run();
  expect_all(all, 40);
}

TEST(burst, finds_a_transport_that_fails_and_reaches_the_others) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    burst server(slow_consumer::close, seed);
    auto all = server.members(12);
    for (const std::size_t i : {0u, 5u, 11u})
      all[i]->break_transport();
    for (std::size_t i = 0; i < 12; ++i)
      if (i % 11 != 0 && i != 5)
        all[i]->say(said(7'000));
    server.run();
    for (const std::size_t i : {11u, 5u, 0u}) {
      EXPECT_TRUE(all[i]->gone());
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    }
    expect_all(all, 9, {"user_left"});
  }
}

// One of several topics has not answered yet, and what the others send waits for that answer.
TEST(burst, while_an_answer_is_awaited_ends_the_waiting) {
  burst server;
  auto who = server.subscribers(1).front();
  who->say(R"({"type":"subscribe","topics":["t","late"],"id":7})");
  const std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i)
    who->deliver(frame_ref{encode(events::announcement{std::string(300, 'x'), {}})});
  EXPECT_LE(who->waiting_bytes(), outbox_bytes_max);
  server.run();
  const auto frames = heard(who);
  auto seen = types(frames);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "announcement"), count);
  std::erase(seen, "announcement");
  EXPECT_EQ(seen, (list{"subscribed"}));
  EXPECT_EQ(frames.front().at("topics"), (list{"t"})) << "before what waited for it";
  EXPECT_EQ(frames.front().at("refused").at(0).at("code"), "timeout");
  EXPECT_FALSE(who->leaving());
  who->say(R"({"type":"subscribe","topic":"late","id":8})");
  server.run();
  EXPECT_EQ(types(heard(who)), (list{"subscribed"}));
}

} // namespace
} // namespace troupe::test
