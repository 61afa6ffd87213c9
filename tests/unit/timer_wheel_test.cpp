#include "troupe/runtime/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using time_point = timer_wheel::time_point;
using duration = timer_wheel::duration;

constexpr auto tick = timer_wheel::tick;
constexpr duration turn = tick * static_cast<int>(timer_wheel::slots);
const time_point start{1h};

class alarm final : public timer_wheel::deadline {
public:
  std::function<void(time_point)> rings = [](time_point) {};

private:
  void on_deadline(time_point now) override { rings(now); }
};

// The same as a map from alarm to the tick at which it rings.
class trial {
public:
  trial(std::uint64_t seed, std::size_t alarms) : rng_(seed), wheel_(start) {
    for (std::size_t i = 0; i < alarms; ++i) {
      alarms_.push_back(std::make_unique<alarm>());
      alarms_.back()->rings = [this, i](time_point now) { rung(i, now); };
    }
  }

  void play(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      change();
      change();
      expect_next_due();
      // Mostly as a loop does it; now and then the machine was asleep.
      pass(rng_() % 50 == 0 ? turn * 3 / 2 : duration{1ms} * static_cast<int>(rng_() % 60));
    }
  }
  std::size_t rung_count() const { return rung_count_; }

private:
  struct due {
    std::uint64_t at_tick;
    time_point wanted;
  };

  void change() {
    const auto i = rng_() % alarms_.size();
    if (rng_() % 4 == 0) {
      alarms_[i]->cancel();
      dues_.erase(i);
    } else {
      arm(i);
    }
    ASSERT_EQ(wheel_.size(), dues_.size());
    ASSERT_EQ(wheel_.empty(), dues_.empty());
    ASSERT_EQ(alarms_[i]->armed(), dues_.contains(i));
  }

  void arm(std::size_t i) {
    static constexpr duration ranges[] = {1ms, 100ms, 1s, turn, 3 * turn};
    const duration range = ranges[rng_() % std::size(ranges)];
    // Sometimes a moment that has passed.
    const auto after =
      duration(static_cast<std::int64_t>(rng_() % static_cast<std::uint64_t>(range.count()))) -
      (rng_() % 8 == 0 ? range / 2 : duration{0});
    const time_point when = now_ + after;
    wheel_.arm(*alarms_[i], when);
    const auto since = std::max(duration{0}, when - start);
    const auto wanted = static_cast<std::uint64_t>((since + tick - duration{1}) / tick);
    dues_[i] = {std::max(wanted, tick_ + 1), when};
  }

  void pass(duration time) {
    now_ += time;
    reached_ = static_cast<std::uint64_t>((now_ - start) / tick);
    wheel_.advance(now_);
    tick_ = reached_;
    for (const auto& [i, d] : dues_)
      ASSERT_GT(d.at_tick, tick_) << "should have rung";
  }

  void expect_next_due() const {
    const auto next = wheel_.next_due();
    ASSERT_EQ(next.has_value(), !dues_.empty());
    for (const auto& [i, d] : dues_)
      ASSERT_LE(*next, start + tick * static_cast<std::int64_t>(d.at_tick)) << "would ring late";
  }

  void rung(std::size_t i, time_point now) {
    ++rung_count_;
    const auto found = dues_.find(i);
    ASSERT_NE(found, dues_.end()) << "was not armed";
    ASSERT_FALSE(alarms_[i]->armed());
    ASSERT_EQ(now, now_);
    ASSERT_GE(now, found->second.wanted) << "too early";
    ASSERT_LE(found->second.at_tick, reached_);
    ASSERT_GE(found->second.at_tick, tick_) << "out of order";
    tick_ = found->second.at_tick;
    dues_.erase(found);
    for (auto n = rng_() % 3; n > 0; --n)
      change(); // itself, or one that is about to ring
  }

  std::mt19937_64 rng_;
  timer_wheel wheel_;
  std::vector<std::unique_ptr<alarm>> alarms_;
  std::map<std::size_t, due> dues_;
  time_point now_ = start;
  std::uint64_t tick_ = 0;    // the last one whose alarms have rung, or are ringing
  std::uint64_t reached_ = 0; // the one that `advance` goes to
  std::size_t rung_count_ = 0;
};

TEST(timer_wheel, random_alarms_ring_at_their_tick_whatever_the_others_do_from_inside) {
  std::size_t rung = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    trial t(seed, 1 + seed % 30);
    t.play(1000);
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    rung += t.rung_count();
  }
  EXPECT_GT(rung, 10'000u);
}

TEST(timer_wheel, nothing_rings_early_and_nothing_more_than_a_tick_late) {
  for (const duration wait : {duration{1}, duration{1ms}, duration{19ms}, duration{20ms},
                              duration{21ms}, duration{777ms}, turn, duration{turn + 1ms}}) {
    for (const duration offset : {duration{0}, duration{1}, duration{7ms}, duration{20ms}}) {
      timer_wheel wheel(start);
      alarm one;
      time_point rang{};
      one.rings = [&](time_point now) { rang = now; };
      time_point now = start + offset;
      wheel.advance(now);
      const time_point when = now + wait;
      wheel.arm(one, when);
      while (one.armed() && now < when + 1s)
        wheel.advance(now += 1ms);
      EXPECT_GE(rang, when) << wait.count() << " " << offset.count();
      EXPECT_LE(rang, when + tick + 1ms) << wait.count() << " " << offset.count();
    }
  }
}

TEST(timer_wheel, who_sleeps_until_it_is_due_next_misses_nothing) {
  for (const duration wait : {duration{1}, duration{5s}, turn, 5 * turn + 7s}) {
    timer_wheel wheel(start);
    alarm one;
    time_point rang{};
    one.rings = [&](time_point now) { rang = now; };
    const time_point when = start + wait;
    wheel.arm(one, when);
    int woken = 0;
    for (; one.armed() && woken < 100; ++woken)
      wheel.advance(*wheel.next_due());
    EXPECT_GE(rang, when);
    EXPECT_LT(rang, when + tick);
    EXPECT_LE(woken, 7) << "once a turn at most";
    EXPECT_EQ(wheel.next_due(), std::nullopt);
  }
}

TEST(timer_wheel, a_moment_that_has_passed_rings_at_the_next_tick) {
  timer_wheel wheel(start);
  wheel.advance(start + 10s);
  alarm late, early;
  wheel.arm(late, start + 5s);
  wheel.arm(early, start - 5s);
  wheel.advance(start + 10s + 19ms);
  EXPECT_TRUE(late.armed());
  wheel.advance(start + 10s + 20ms);
  EXPECT_FALSE(late.armed());
  EXPECT_FALSE(early.armed());
}

TEST(timer_wheel, a_deadline_many_turns_away_waits_for_its_own_turn) {
  timer_wheel wheel(start);
  alarm far;
  int rung = 0;
  far.rings = [&](time_point) { ++rung; };
  wheel.arm(far, start + 10 * turn + 5s);
  for (time_point now = start; now < start + 10 * turn + 5s; now += 100ms) {
    wheel.advance(now);
    ASSERT_EQ(rung, 0);
  }
  wheel.advance(start + 10 * turn + 5s);
  EXPECT_EQ(rung, 1);
}

TEST(timer_wheel, one_that_arms_itself_rings_once_a_period) {
  timer_wheel wheel(start);
  alarm beat;
  int rung = 0;
  beat.rings = [&](time_point now) {
    ++rung;
    wheel.arm(beat, now + 1s);
  };
  wheel.arm(beat, start + 1s);
  for (time_point now = start; now <= start + 60s; now += 20ms)
    wheel.advance(now);
  EXPECT_EQ(rung, 60);
}

TEST(timer_wheel, one_that_arms_itself_for_now_does_not_hold_up_the_wheel) {
  timer_wheel wheel(start);
  alarm eager;
  int rung = 0;
  eager.rings = [&](time_point now) {
    ++rung;
    wheel.arm(eager, now);
  };
  wheel.arm(eager, start);
  wheel.advance(start + 1s);
  EXPECT_LE(rung, 50);
  EXPECT_TRUE(eager.armed());
}

TEST(timer_wheel, alarms_of_one_tick_may_cancel_and_destroy_each_other) {
  timer_wheel wheel(start);
  auto first = std::make_unique<alarm>();
  auto second = std::make_unique<alarm>();
  auto third = std::make_unique<alarm>();
  int rung = 0;
  first->rings = second->rings = third->rings = [&](time_point) { ++rung; };
  first->rings = [&](time_point) {
    ++rung;
    second.reset();
    third->cancel();
  };
  for (alarm* each : {first.get(), second.get(), third.get()})
    wheel.arm(*each, start + 40ms);
  wheel.advance(start + 40ms);
  EXPECT_EQ(rung, 1);
  EXPECT_TRUE(wheel.empty());
}

TEST(timer_wheel, arming_again_moves_and_cancelling_twice_is_nothing) {
  timer_wheel wheel(start);
  alarm one;
  int rung = 0;
  one.rings = [&](time_point) { ++rung; };
  wheel.arm(one, start + 1s);
  wheel.arm(one, start + 2s);
  EXPECT_EQ(wheel.size(), 1u);
  wheel.advance(start + 1500ms);
  EXPECT_EQ(rung, 0);
  one.cancel();
  one.cancel();
  EXPECT_TRUE(wheel.empty());
  wheel.advance(start + 3s);
  EXPECT_EQ(rung, 0);
}

TEST(timer_wheel, wheel_and_deadline_may_go_in_either_order) {
  alarm survivor;
  {
    timer_wheel wheel(start);
    wheel.arm(survivor, start + 1s);
    alarm gone;
    wheel.arm(gone, start + 1s);
  }
  EXPECT_FALSE(survivor.armed());
  timer_wheel another(start);
  another.arm(survivor, start + 1s);
  EXPECT_EQ(another.size(), 1u);
}

} // namespace
} // namespace troupe
