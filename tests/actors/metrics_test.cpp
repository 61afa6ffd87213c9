// What is counted when something happens, and that whatever is not delivered is counted as such.
#include "heard.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/metrics.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

template <class Read>
std::uint64_t total(const stage& server, Read read) {
  std::uint64_t sum = 0;
  for (const auto& loop : server.metrics.loops())
    sum += read(loop);
  return sum;
}

std::uint64_t dropped(const stage& server, drop_reason why) {
  const auto i = static_cast<std::size_t>(why);
  return server.metrics.dropped.value(i) +
         total(server, [i](auto& loop) { return loop.dropped.value(i); });
}

std::uint64_t errors(const stage& server, errc code) {
  const auto i = static_cast<std::size_t>(code);
  return server.metrics.errors.value(i) +
         total(server, [i](auto& loop) { return loop.errors.value(i); });
}

std::uint64_t closes(const stage& server, close_code code) {
  const auto i = static_cast<std::size_t>(std::find(close_codes.begin(), close_codes.end(), code) -
                                          close_codes.begin());
  return total(server, [i](auto& loop) { return loop.closes(i); });
}

std::uint64_t deliveries(const stage& server) {
  return total(server, [](auto& loop) { return loop.deliveries.value(); });
}

std::uint64_t times(const duration_histogram& h) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= duration_histogram::bounds.size(); ++i)
    all += h.bucket(i);
  return all;
}

client member(stage& server, const std::string& user) {
  auto who = server.connect({.user = user, .room = "r"});
  server.run();
  who->read();
  return who;
}

void speak(stage& server, client& who, const std::string& text = "hi") {
  who->say(json{{"type", "message"}, {"message", text}}.dump());
  server.run();
}

TEST(metrics, a_broadcast_counts_once_a_loop_and_its_deliveries_one_by_one) {
  stage server({.loops = 2});
  auto a = member(server, "a");
  auto b = member(server, "b");
  auto c = member(server, "c");
  const auto before = deliveries(server);
  const auto broadcasts = [&] {
    return total(server, [](auto& loop) { return loop.broadcasts.value(); });
  };
  const auto broadcasts_before = broadcasts();
  speak(server, a);
  EXPECT_EQ(deliveries(server) - before, 3u);
  EXPECT_EQ(broadcasts() - broadcasts_before, 2u);
  EXPECT_EQ(total(server, [](auto& loop) { return loop.connections_opened.value(); }), 3u);
}

TEST(metrics, who_joins_is_not_among_those_who_hear_of_it) {
  stage server;
  auto a = member(server, "a");
  auto b = member(server, "b");
  const auto before = deliveries(server);
  auto c = member(server, "c");
  EXPECT_EQ(deliveries(server) - before, 2u);
}

TEST(metrics, a_turn_with_broadcasts_is_timed_once) {
  stage server;
  auto a = member(server, "a");
  const auto& loop = server.metrics.loops().front();
  const auto before = times(loop.queue_delay);
  speak(server, a);
  speak(server, a);
  EXPECT_EQ(times(loop.queue_delay) - before, 2u);
  EXPECT_EQ(times(loop.delivery_latency), times(loop.queue_delay));
}

TEST(metrics, every_frame_that_a_slow_consumer_does_not_get_is_counted) {
  stage server({.bounds = {.outbox_bytes_max = 4096}});
  auto a = member(server, "a");
  auto b = member(server, "b");
  b->stall();
  std::uint64_t said = 0;
  for (; closes(server, close_code::slow_consumer) == 0; ++said) {
    ASSERT_LT(said, 1000u);
    speak(server, a, std::string(100, 'x'));
  }
  EXPECT_EQ(dropped(server, drop_reason::slow_consumer), said);
  b->resume();
  server.run();
  EXPECT_EQ(types(heard(b)), (list{"disconnect"}));
}

TEST(metrics, frames_that_wait_when_the_socket_ends_are_lost) {
  stage server;
  auto a = member(server, "a");
  auto b = member(server, "b");
  b->stall();
  for (int i = 0; i < 5; ++i)
    speak(server, a);
  EXPECT_EQ(dropped(server, drop_reason::lost), 0u);
  b->vanish();
  server.run();
  EXPECT_EQ(dropped(server, drop_reason::lost), 5u);
  EXPECT_EQ(total(server, [](auto& loop) { return loop.closed_without.value(); }), 1u);
}

TEST(metrics, an_answer_to_one_who_is_gone_or_going_is_counted) {
  stage server;
  auto vanished = server.connect();
  auto closing = server.connect();
  server.run();
  const std::string publication = R"({"type":"publish","topic":"t","data":1})";
  vanished->say(publication);
  vanished->vanish();
  closing->say(publication);
  closing->close();
  server.run();
  EXPECT_EQ(dropped(server, drop_reason::gone), 1u);
  EXPECT_EQ(dropped(server, drop_reason::closing), 1u);
  EXPECT_EQ(total(server, [](auto& loop) { return loop.closed_by_client.value(); }), 1u);
  EXPECT_EQ(total(server, [](auto& loop) { return loop.closed_without.value(); }), 1u);
}

TEST(metrics, what_is_refused_is_counted_by_its_code) {
  stage server({.bounds = {.topics_max = 1}});
  auto who = server.connect();
  server.run();
  who->say("nonsense");
  who->say(R"({"type":"dance"})");
  who->say(R"({"type":"message","message":1})");
  who->say(R"({"type":"subscribe","topic":"a"})");
  who->say(R"({"type":"publish","topic":"b","data":1})");
  server.run();
  EXPECT_EQ(errors(server, errc::bad_json), 1u);
  EXPECT_EQ(errors(server, errc::unknown_type), 1u);
  EXPECT_EQ(errors(server, errc::not_in_room), 1u);
  EXPECT_EQ(errors(server, errc::limit_exceeded), 1u);
  EXPECT_EQ(dropped(server, drop_reason::refused), 2u);
}

TEST(metrics, a_request_that_fails_counts_once_however_many_names_it_has) {
  stage server({.bounds = {.topics_max = 2}});
  auto who = server.connect();
  server.run();
  who->say(R"({"type":"subscribe","topics":["a","b","c","d","e"]})");
  server.run();
  EXPECT_EQ(errors(server, errc::limit_exceeded), 1u) << "granted in part";
  who->say(R"({"type":"subscribe","topics":["f","g"]})");
  server.run();
  EXPECT_EQ(errors(server, errc::limit_exceeded), 2u) << "refused as a whole";
}

TEST(metrics, a_room_that_refuses_a_message_is_counted_too) {
  stage server;
  auto who = server.connect({.room = "poll/p"});
  server.run();
  speak(server, who, "no vote");
  const auto told = heard(who);
  ASSERT_FALSE(told.empty());
  ASSERT_EQ(told.back()["type"], "error");
  EXPECT_EQ(errors(server, errc::bad_request), 1u);
  EXPECT_EQ(dropped(server, drop_reason::refused), 1u);
}

TEST(metrics, closes_are_counted_by_their_code) {
  stage server({.bounds = {.bad_frames = 2}, .heartbeat = 1s});
  auto rude = server.connect();
  auto silent = server.connect();
  server.run();
  rude->say("?");
  rude->say("?");
  server.pass(10s); // two beats missed, and the time to close
  EXPECT_TRUE(silent->gone());
  EXPECT_EQ(closes(server, close_code::policy_violation), 1u);
  EXPECT_EQ(closes(server, close_code::heartbeat_missed), 1u);
  EXPECT_EQ(closes(server, close_code::normal), 0u);
  EXPECT_EQ(total(server, [](auto& loop) { return loop.closed_without.value(); }), 0u);
}

TEST(metrics, rooms_and_topics_come_and_go) {
  stage server({.bounds = {.room_idle_timeout = 1s, .topic_idle_timeout = 1s}});
  const auto& all = server.metrics;
  auto who = server.connect({.room = "r"});
  who->say(R"({"type":"subscribe","topics":["a","b"]})");
  server.run();
  EXPECT_EQ(all.rooms.load(), 1u);
  EXPECT_EQ(all.topics.load(), 2u);
  who->vanish();
  server.pass(3s);
  EXPECT_EQ(all.rooms.load(), 0u);
  EXPECT_EQ(all.topics.load(), 0u);
}

TEST(metrics, taking_stock_finds_what_waits_in_the_outboxes) {
  stage server;
  auto a = member(server, "a");
  auto b = member(server, "b");
  auto c = member(server, "c");
  b->stall();
  c->stall();
  speak(server, a);
  const auto& loop = server.metrics.loops().front();
  const auto measure_now = [&] {
    caf::anon_send(server.routes.outlets.front(), measure_outboxes{});
    server.run();
  };
  measure_now();
  EXPECT_GT(b->waiting_bytes(), 0u);
  EXPECT_EQ(loop.outbox_bytes.load(), b->waiting_bytes() + c->waiting_bytes());
  EXPECT_EQ(loop.outboxes_waiting.load(), 2u);
  b->resume();
  c->resume();
  measure_now();
  EXPECT_EQ(loop.outbox_bytes.load(), 0u);
  EXPECT_EQ(loop.outboxes_waiting.load(), 0u);
}

} // namespace
} // namespace troupe::test
