#include "troupe/delivery/listener_table.hpp"
#include "troupe/delivery/replay_run.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct plain_listener : audience_listener {};

// One topic on one loop: what was said, and who has seen how much of it.
struct replayed_topic {
  std::atomic<std::uint64_t> total{0};
  std::vector<kept_ptr> said; // the first has offset 1; null: deleted
  replay_run run;
  std::uint64_t made = 0;

  static event_ptr event(std::uint64_t offset) {
    return share(events::publication{
      "publication", "a", std::to_string(offset), {}, "x", wall_time{}, offset});
  }
  std::uint64_t top() const { return said.size(); }
  void say() {
    const auto what = event(top() + 1);
    said.push_back(caf::make_counted<kept_event>(what, kept_event::time_point{}, total));
    if (!run.empty())
      run.append(frame_ref{encode(what)});
  }
  missed_events missed(std::uint64_t after) const {
    return {after, {said.begin() + static_cast<std::ptrdiff_t>(after), said.end()}};
  }
  // What `who` gets next: an offset, `gap N to M`, or nothing at the end.
  std::string next(const audience_listener& who) {
    std::string gap;
    const frame_ref got = run.next(
      who,
      [&](const kept_event& kept) {
        bool now = false;
        auto frame = kept.frame(now);
        made += now ? 1 : 0;
        return frame_ref{encoded_event{kept.what(), std::move(frame)}};
      },
      [&](std::uint32_t count, std::uint64_t offset) {
        gap = "gap " + std::to_string(count) + " to " + std::to_string(offset);
        return frame_ref{encode(events::ping{})};
      });
    if (!got || !gap.empty())
      return gap;
    return std::get<events::publication>(*got.event()).data;
  }
  std::string rest(const audience_listener& who) {
    std::string out;
    while (run.find(who))
      if (const auto each = next(who); !each.empty())
        out += each + " ";
    return out;
  }
};

TEST(replay_run, what_was_missed_comes_first_and_what_is_said_meanwhile_behind_it) {
  replayed_topic a;
  plain_listener ann;
  for (int i = 0; i < 3; ++i)
    a.say();
  a.run.begin(ann, a.missed(1), {});
  EXPECT_EQ(a.next(ann), "2");
  a.say();
  EXPECT_EQ(a.rest(ann), "3 4 ");
  EXPECT_TRUE(a.run.empty());
  EXPECT_EQ(a.run.frames(), 0u);
}

TEST(replay_run, a_frame_is_made_once_for_all) {
  replayed_topic a;
  for (int i = 0; i < 100; ++i)
    a.say();
  std::vector<plain_listener> many(1000);
  for (auto& each : many)
    a.run.begin(each, a.missed(0), {});
  for (auto& each : many)
    a.rest(each);
  EXPECT_EQ(a.made, 100u);
}

TEST(replay_run, who_missed_more_comes_later) {
  replayed_topic a;
  plain_listener ann, bob;
  for (int i = 0; i < 5; ++i)
    a.say();
  a.run.begin(ann, a.missed(3), {});
  a.run.begin(bob, a.missed(0), {});
  EXPECT_EQ(a.rest(ann), "4 5 ");
  EXPECT_EQ(a.run.frames(), 5u) << "bob needs them";
  EXPECT_EQ(a.rest(bob), "1 2 3 4 5 ");
  EXPECT_EQ(a.made, 5u);
}

TEST(replay_run, what_is_no_more_is_a_gap) {
  replayed_topic a;
  plain_listener ann;
  for (int i = 0; i < 5; ++i)
    a.say();
  a.said[1] = a.said[2] = a.said[4] = nullptr;
  a.run.begin(ann, a.missed(0), {});
  EXPECT_EQ(a.rest(ann), "1 gap 2 to 3 4 gap 1 to 5 ");
}

TEST(replay_run, who_leaves_needs_nothing_any_more) {
  replayed_topic a;
  plain_listener ann, bob;
  a.say();
  a.say();
  a.run.begin(ann, a.missed(0), {});
  a.run.begin(bob, a.missed(1), {});
  a.run.end(ann);
  EXPECT_EQ(a.run.frames(), 1u);
  a.run.end(ann);
  a.run.end(bob);
  EXPECT_EQ(a.run.frames(), 0u);
  EXPECT_EQ(a.run.find(bob), nullptr);
}

TEST(replay_run, bytes_that_wait_behind_what_was_missed_are_counted) {
  replayed_topic a;
  plain_listener ann;
  a.say();
  a.run.begin(ann, a.missed(0), {});
  EXPECT_EQ(a.run.find(ann)->behind, 0u);
  a.say();
  const auto one = a.run.find(ann)->behind;
  EXPECT_GT(one, 0u);
  a.say();
  EXPECT_EQ(a.run.find(ann)->behind, 2 * one);
  a.next(ann);
  EXPECT_EQ(a.run.find(ann)->behind, 2 * one) << "that one was missed";
  a.next(ann);
  EXPECT_EQ(a.run.find(ann)->behind, one);
}

TEST(replay_run, who_takes_nothing_is_stalled) {
  replayed_topic a;
  plain_listener ann;
  a.say();
  a.say();
  const replay_run::time_point start{};
  a.run.begin(ann, a.missed(0), start);
  EXPECT_FALSE(a.run.stalled(ann, 100, start + 9s, 10s));
  EXPECT_TRUE(a.run.stalled(ann, 100, start + 10s, 10s));
  EXPECT_FALSE(a.run.stalled(ann, 99, start + 11s, 10s)) << "one byte is progress";
  a.next(ann);
  EXPECT_FALSE(a.run.stalled(ann, 200, start + 20s, 10s)) << "so is a frame";
  EXPECT_FALSE(a.run.stalled(ann, 200, start + 29s, 10s));
  EXPECT_TRUE(a.run.stalled(ann, 200, start + 30s, 10s));
}

// Any order of all that can happen: each gets every offset once, in order.
TEST(replay_run, each_gets_all_of_it_once_whatever_happens) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    replayed_topic a;
    std::vector<plain_listener> all(4);
    std::vector<std::uint64_t> seen(all.size(), 0);
    for (int step = 0; step < 200; ++step) {
      const auto i = random() % all.size();
      switch (random() % 4) {
      case 0:
        a.say();
        break;
      case 1:
        if (!a.run.find(all[i]) && seen[i] < a.top())
          a.run.begin(all[i], a.missed(seen[i]), {});
        break;
      case 2:
        if (a.run.find(all[i])) {
          const auto got = a.next(all[i]);
          ASSERT_TRUE(got.empty() || got == std::to_string(++seen[i])) << "seed " << seed;
        }
        break;
      default:
        if (random() % 4 == 0)
          a.run.end(all[i]);
      }
      ASSERT_LE(a.run.frames(), a.top());
      ASSERT_TRUE(!a.run.empty() || a.run.frames() == 0);
    }
  }
}

} // namespace
} // namespace troupe
