#include "troupe/audience/record_table.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// A loop whose time the test makes.
class hand_wound_loop final : public event_loop {
public:
  explicit hand_wound_loop(caf::actor_system& system) : event_loop(system, {}) {}
  void pass(timer_wheel::duration time) {
    for (const auto end = now_ + time; now_ < end;) {
      now_ = std::min<timer_wheel::time_point>(end, now_ + 1s);
      deadlines().advance(now_);
    }
  }
  void flush_later(flusher&) override {}
  timer_wheel::time_point now() const override { return now_; }
  void arm(timer_wheel::deadline& d, timer_wheel::time_point when) override {
    deadlines().arm(d, when);
  }

private:
  void wake_up() noexcept override {}
  timer_wheel::time_point now_{};
};

struct records {
  caf::actor_system_config config;
  caf::actor_system system{config};
  hand_wound_loop loop{system};
  std::atomic<std::uint64_t> total{0};
  limits bounds{};
  record_table table{loop, total, 1};

  static claimant from(std::uint64_t address) {
    return {connection_id::make(0, static_cast<std::uint32_t>(address), 1),
            {holder_id{address}, {}}};
  }
  name_record& open(const std::string& name, const claimant& who = {}) {
    name_record& record = table.open(audience_kind::topic, name, "e", who, bounds);
    record.keeps = {1'000'000, 1'000'000'000, 10min};
    return record;
  }
  void say(name_record& record, std::size_t bytes = 10) {
    const auto offset = record.numbers.next();
    table.keep(record, offset,
               share(events::publication{
                 "publication", "t", std::string(bytes, 'x'), {}, "x", wall_time{}, offset}),
               bounds);
  }
};

TEST(record_table, a_name_is_found_as_it_was_left) {
  records all;
  all.say(all.open("a"));
  all.table.close(*all.table.find(audience_kind::topic, "a"));
  EXPECT_EQ(all.table.find(audience_kind::room, "a"), nullptr);
  EXPECT_EQ(all.open("a").numbers.at().offset, 1u);
}

TEST(record_table, who_comes_before_the_last_has_ended_begins_anew) {
  records all;
  auto& old = all.open("a");
  all.say(old);
  auto& fresh = all.table.open(audience_kind::topic, "a", "another", {}, all.bounds);
  EXPECT_EQ(fresh.numbers.at().offset, 0u);
  EXPECT_EQ(fresh.numbers.at().epoch, "another");
  all.say(old);
  all.table.close(old);
  EXPECT_EQ(all.table.find(audience_kind::topic, "a"), &fresh);
  all.table.forget(fresh);
  EXPECT_EQ(all.table.size(), 0u);
  EXPECT_EQ(all.total, 0u);
  EXPECT_EQ(all.table.bytes(), 0u);
}

TEST(record_table, a_record_without_an_actor_goes_when_all_of_it_has_aged) {
  records all;
  auto& a = all.open("a");
  all.say(a);
  all.loop.pass(5min);
  all.table.close(a);
  all.loop.pass(6min);
  ASSERT_NE(all.table.find(audience_kind::topic, "a"), nullptr) << "its position is still good";
  EXPECT_EQ(all.table.find(audience_kind::topic, "a")->said.events(), 0u);
  all.loop.pass(5min);
  EXPECT_EQ(all.table.find(audience_kind::topic, "a"), nullptr);
  EXPECT_EQ(all.total, 0u);
  EXPECT_EQ(all.table.bytes(), 0u);
}

TEST(record_table, an_open_record_stays_however_old) {
  records all;
  all.say(all.open("a"));
  all.loop.pass(24h);
  ASSERT_NE(all.table.find(audience_kind::topic, "a"), nullptr);
  EXPECT_EQ(all.table.find(audience_kind::topic, "a")->numbers.at().offset, 1u);
}

TEST(record_table, where_nothing_is_kept_nothing_is_left_behind) {
  records all;
  auto& a = all.open("a");
  a.keeps = {};
  a.numbers.next();
  all.table.close(a);
  EXPECT_EQ(all.table.size(), 0u);
  EXPECT_EQ(all.total, 0u);
}

TEST(record_table, msg_ids_outlive_the_actor_for_their_window) {
  records all;
  auto& a = all.open("a");
  a.keeps = {};
  all.table.remember(a, "m", {1, 0, 0}, all.bounds);
  all.table.close(a);
  all.loop.pass(1min);
  ASSERT_NE(all.table.find(audience_kind::topic, "a"), nullptr);
  all.loop.pass(2min);
  EXPECT_EQ(all.table.size(), 0u);
}

TEST(record_table, all_together_stay_within_their_bound) {
  records all;
  all.bounds.history_bytes_max = 1'000'000;
  std::vector<name_record*> names;
  for (int i = 0; i < 20; ++i)
    names.push_back(&all.open("n" + std::to_string(i)));
  for (int i = 0; i < 5000; ++i) {
    all.say(*names[static_cast<std::size_t>(i) % names.size()], 1000);
    ASSERT_LE(all.total, 1'050'000u);
  }
  for (const auto* each : names)
    EXPECT_EQ(each->numbers.at().offset, 250u) << "a position is never lost";
}

TEST(record_table, who_holds_most_loses_first_and_of_that_what_was_least_used) {
  records all;
  all.bounds.history_bytes_max = 1'000'000;
  all.bounds.connection_share = all.bounds.address_share = 100;
  auto& mine = all.open("mine", records::from(1));
  auto& old = all.open("old", records::from(2));
  auto& fresh = all.open("fresh", records::from(2));
  for (int i = 0; i < 100; ++i)
    all.say(mine, 1000);
  for (int i = 0; i < 300; ++i)
    all.say(old, 1000);
  for (int i = 0; i < 450; ++i)
    all.say(fresh, 1000);
  EXPECT_EQ(mine.said.events(), 100u);
  EXPECT_LT(old.said.events(), 300u);
  EXPECT_EQ(fresh.said.events(), 450u);
}

TEST(record_table, beyond_half_of_all_each_has_a_share) {
  records all;
  all.bounds.history_bytes_max = 1'000'000;
  all.bounds.connection_share = 100;
  all.bounds.address_share = 25;
  auto& eve = all.open("eve", records::from(6));
  for (int i = 0; i < 2000; ++i)
    all.say(eve, 1000);
  EXPECT_LE(all.total, 600'000u) << "more than half only as a share";
  auto& ann = all.open("ann", records::from(7));
  for (int i = 0; i < 150; ++i)
    all.say(ann, 1000);
  EXPECT_EQ(ann.said.events(), 150u);
}

TEST(record_table, records_left_behind_go_too) {
  records all;
  all.bounds.history_bytes_max = 100'000;
  for (int i = 0; i < 10'000; ++i) {
    auto& each = all.open("n" + std::to_string(i), records::from(1));
    all.say(each);
    all.table.close(each);
  }
  EXPECT_LE(all.total, 120'000u);
  EXPECT_LT(all.table.size(), 400u);
}

TEST(record_table, what_is_pinned_elsewhere_counts_until_it_is_let_go) {
  records all;
  auto& a = all.open("a");
  all.say(a, 1000);
  const auto before = all.total.load();
  auto pinned = a.said.behind(0, 1, 10);
  a.said.erase_all();
  all.table.deleted(a);
  EXPECT_EQ(all.total, before);
  pinned.reset();
  EXPECT_LT(all.total, before - 1000);
}

} // namespace
} // namespace troupe
