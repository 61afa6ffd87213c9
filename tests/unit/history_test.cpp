#include "troupe/audience/history.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// A history with numbered events of one topic, and the bytes of all that anybody holds.
struct kept_topic {
  std::atomic<std::uint64_t> total{0};
  history said;
  history::bounds within{5, 100'000, 60s};
  history::time_point now{};
  std::uint64_t top = 0;

  event_ptr event(std::uint64_t offset, const std::string& user) {
    return share(events::publication{"publication", "a", std::to_string(offset), user, "x",
                                     wall_time{}, offset});
  }
  void say(const std::string& user = {}) {
    ++top;
    said.keep(top, caf::make_counted<kept_event>(event(top, user), now, total), within);
  }
  void say_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      say();
  }
  // Offsets of what is told; 0 stands for what was deleted.
  std::string behind(std::uint64_t after, std::size_t most = 1000) {
    const auto missed = said.behind(after, top, most);
    if (!missed)
      return "unknown";
    EXPECT_EQ(missed->after, after);
    std::string out;
    for (const auto& each : missed->events)
      out += (each ? std::get<events::publication>(each->what()->what()).data : "-") + " ";
    return out;
  }
  std::string page(const history::question& asked) {
    const auto got = said.read(asked, now);
    std::string out;
    for (const auto& each : got.events)
      out += std::get<events::publication>(each->what()).data + " ";
    return out + (got.more ? "..." : ".");
  }
};

TEST(history, tells_what_was_missed_and_only_where_it_knows_all_of_it) {
  kept_topic a;
  EXPECT_EQ(a.behind(0), "") << "nothing was said";
  EXPECT_EQ(a.behind(1), "unknown") << "it has not come so far";
  a.say_many(3);
  EXPECT_EQ(a.behind(0), "1 2 3 ");
  EXPECT_EQ(a.behind(2), "3 ");
  EXPECT_EQ(a.behind(3), "");
  EXPECT_EQ(a.behind(4), "unknown");
  EXPECT_EQ(a.behind(0, 2), "unknown") << "more than may be";
  a.say_many(4);
  EXPECT_EQ(a.behind(1), "unknown") << "the second is no more";
  EXPECT_EQ(a.behind(2), "3 4 5 6 7 ");
}

TEST(history, keeps_within_its_bounds_of_number_bytes_and_age) {
  kept_topic a;
  a.say_many(50);
  EXPECT_EQ(a.said.events(), 5u);
  a.within.bytes = a.said.bytes() / 5 * 2;
  a.say();
  EXPECT_EQ(a.behind(49), "50 51 ");
  EXPECT_EQ(a.behind(48), "unknown");
  a.now += 59s;
  a.said.trim(a.within, a.now);
  EXPECT_EQ(a.said.events(), 2u);
  a.say();
  a.now += 1s;
  a.said.trim(a.within, a.now);
  EXPECT_EQ(a.behind(51), "52 ");
  EXPECT_EQ(a.behind(50), "unknown");
  EXPECT_EQ(a.said.oldest(), history::time_point{} + 59s);
}

TEST(history, bytes_count_until_the_last_has_let_go) {
  kept_topic a;
  a.say_many(2);
  EXPECT_EQ(a.total, a.said.bytes());
  const auto pinned = a.said.behind(0, 2, 10);
  EXPECT_GT(a.said.drop(1), 0u);
  EXPECT_EQ(a.total, 2 * a.said.bytes()) << "somebody still needs it";
  a.said.erase_all();
  EXPECT_EQ(a.said.bytes(), 0u);
  EXPECT_GT(a.total, 0u);
}

TEST(history, all_who_missed_the_same_share_it) {
  kept_topic a;
  a.say_many(4);
  EXPECT_EQ(a.said.behind(1, 4, 10), a.said.behind(1, 4, 10));
  const auto before = a.said.behind(1, 4, 10);
  a.say();
  EXPECT_NE(a.said.behind(1, 5, 10), before);
  EXPECT_EQ(before->events.size(), 3u) << "what was told stays as it is";
}

TEST(history, what_was_deleted_leaves_its_place) {
  kept_topic a;
  for (const auto* user : {"ann", "eve", "ann", "eve"})
    a.say(user);
  EXPECT_EQ(a.said.erase_of("eve"), 2u);
  EXPECT_EQ(a.said.erase_of("eve"), 0u);
  EXPECT_EQ(a.behind(0), "1 - 3 - ");
  EXPECT_EQ(a.page({.most = 10}), "1 3 .");
  EXPECT_EQ(a.said.erase_all(), 2u);
  EXPECT_EQ(a.behind(3), "unknown");
  EXPECT_EQ(a.behind(4), "") << "its place is known";
  a.say();
  EXPECT_EQ(a.behind(4), "5 ");
}

TEST(history, pages_lead_both_ways) {
  kept_topic a;
  a.within.messages = 10;
  a.say_many(10);
  EXPECT_EQ(a.page({.most = 3}), "8 9 10 ...");
  EXPECT_EQ(a.page({.before = 8, .most = 3}), "5 6 7 ...");
  EXPECT_EQ(a.page({.before = 3, .most = 3}), "1 2 .");
  EXPECT_EQ(a.page({.before = 1, .most = 3}), ".");
  EXPECT_EQ(a.page({.before = 0, .most = 3}), ".");
  EXPECT_EQ(a.page({.before = 1000, .most = 3}), "8 9 10 ...");
  EXPECT_EQ(a.page({.after = 0, .most = 3}), "1 2 3 ...");
  EXPECT_EQ(a.page({.after = 8, .most = 3}), "9 10 .");
  EXPECT_EQ(a.page({.after = 10, .most = 3}), ".");
  EXPECT_EQ(a.page({.after = UINT64_MAX, .most = 3}), ".");
  EXPECT_EQ(a.page({.most = 3, .bytes_max = 1}), "10 ...") << "one at least";
}

TEST(history, a_number_that_was_left_out_counts_as_deleted) {
  kept_topic a;
  a.say();
  ++a.top; // numbered, and lost before it was kept
  a.say();
  EXPECT_EQ(a.behind(0), "1 - 3 ");
}

} // namespace
} // namespace troupe
