// What waits for NATS, and for how long NATS is left alone: nats_outbox, nats_backoff,
// nats_commands.
#include "server/bridges/nats_backoff.hpp"
#include "server/bridges/nats_commands.hpp"
#include "server/bridges/nats_outbox.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

nats_outgoing message(int number, std::size_t bytes = 0) {
  return {.subject = "s." + std::to_string(number), .payload = std::string(bytes, 'x')};
}

std::vector<std::string> subjects(const nats_batch& batch) {
  std::vector<std::string> out;
  for (const auto& each : batch)
    out.push_back(each.subject);
  return out;
}

using names = std::vector<std::string>;

} // namespace

TEST(nats_outbox, keeps_the_order) {
  nats_outbox outbox(1'000'000, nats_when_full::drop);
  for (int i = 1; i <= 3; ++i)
    EXPECT_EQ(outbox.push(message(i)), 0u);
  EXPECT_EQ(subjects(outbox.take()), (names{"s.1", "s.2", "s.3"}));
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0u);
  EXPECT_TRUE(outbox.take().empty());
}

TEST(nats_outbox, a_batch_is_worth_one_write) {
  nats_outbox outbox(100'000'000, nats_when_full::drop);
  outbox.push(message(1, 10 * nats_outbox::batch_bytes_max));
  outbox.push(message(2));
  EXPECT_EQ(subjects(outbox.take()), (names{"s.1"})) << "a long one goes alone, but it goes";
  outbox.take();
  for (int i = 0; i < 1000; ++i)
    outbox.push(message(i));
  EXPECT_LE(outbox.take().size(), nats_outbox::batch_messages_max);
  std::size_t bytes = 0;
  for (int i = 0; i < 20; ++i)
    outbox.push(message(i, 10'000));
  while (!outbox.empty()) {
    bytes = 0;
    for (const auto& each : outbox.take())
      bytes += each.cost();
    EXPECT_LE(bytes, nats_outbox::batch_bytes_max);
  }
}

TEST(nats_outbox, full_it_drops_the_oldest) {
  const std::size_t cost = message(1, 1000).cost();
  nats_outbox outbox(3 * cost, nats_when_full::drop);
  for (int i = 1; i <= 3; ++i)
    EXPECT_EQ(outbox.push(message(i, 1000)), 0u);
  EXPECT_EQ(outbox.push(message(4, 1000)), 1u);
  EXPECT_EQ(outbox.push(message(5, 2000)), 2u);
  EXPECT_EQ(subjects(outbox.take_all()), (names{"s.4", "s.5"}));
}

TEST(nats_outbox, full_it_refuses_the_newest) {
  const std::size_t cost = message(1, 1000).cost();
  nats_outbox outbox(2 * cost, nats_when_full::refuse);
  EXPECT_EQ(outbox.push(message(1, 1000)), 0u);
  EXPECT_EQ(outbox.push(message(2, 1000)), 0u);
  EXPECT_EQ(outbox.push(message(3, 1000)), 1u);
  EXPECT_EQ(subjects(outbox.take_all()), (names{"s.1", "s.2"}));
  EXPECT_EQ(outbox.push(message(4, 1000)), 0u);
}

TEST(nats_outbox, what_never_fits_drops_nothing_else) {
  nats_outbox outbox(1000, nats_when_full::drop);
  EXPECT_EQ(outbox.push(message(1)), 0u);
  EXPECT_EQ(outbox.push(message(2, 5000)), 1u);
  EXPECT_EQ(subjects(outbox.take_all()), (names{"s.1"}));
}

TEST(nats_outbox, what_comes_back_goes_first_and_counts) {
  nats_outbox outbox(1'000'000, nats_when_full::drop);
  for (int i = 1; i <= 4; ++i)
    outbox.push(message(i));
  const auto full = outbox.bytes();
  auto batch = outbox.take();
  batch.erase(batch.begin()); // sent
  outbox.push(message(5));
  outbox.put_back(std::move(batch));
  EXPECT_EQ(outbox.bytes(), full);
  EXPECT_EQ(subjects(outbox.take()), (names{"s.2", "s.3", "s.4", "s.5"}));
}

TEST(nats_backoff, doubles_up_to_half_a_minute) {
  EXPECT_EQ(nats_wait(500ms, 1, 0), 500ms);
  EXPECT_EQ(nats_wait(500ms, 2, 0), 1s);
  EXPECT_EQ(nats_wait(500ms, 5, 0), 8s);
  EXPECT_EQ(nats_wait(500ms, 7, 0), 30s);
  EXPECT_EQ(nats_wait(500ms, 4'000'000'000u, 0), 30s);
  EXPECT_EQ(nats_wait(60s, 3, 0), 60s) << "as configured, though that is longer";
  EXPECT_EQ(nats_wait(500ms, 0, 0), 500ms);
}

TEST(nats_backoff, chance_takes_up_to_a_half) {
  auto least = 1000ms, most = 0ms;
  for (std::uint32_t random = 0; random < 4096; ++random) {
    least = std::min(least, nats_wait(1000ms, 1, random));
    most = std::max(most, nats_wait(1000ms, 1, random));
  }
  EXPECT_EQ(most, 1000ms);
  EXPECT_GE(least, 500ms);
  EXPECT_LE(least, 502ms);
}

TEST(nats_commands, each_pusher_is_taken_in_its_order) {
  constexpr int pushers = 4, each = 5'000;
  nats_commands orders;
  std::vector<std::thread> threads;
  for (int who = 0; who < pushers; ++who)
    threads.emplace_back([&orders, who] {
      for (int i = 0; i < each; ++i)
        orders.push({nats_command::kind::publish,
                     {},
                     {{.subject = std::to_string(who), .payload = std::to_string(i)}}});
    });
  std::vector<int> next(pushers, 0);
  const auto give_up_at = std::chrono::steady_clock::now() + 20s;
  for (int taken = 0; taken < pushers * each;) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up_at) << "a wake-up was lost";
    orders.wait(10s);
    for (const auto& order : orders.take()) {
      const auto& said = order.batch.front();
      EXPECT_EQ(std::stoi(said.payload), next[std::stoul(said.subject)]++);
      ++taken;
    }
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_TRUE(orders.take().empty());
}
