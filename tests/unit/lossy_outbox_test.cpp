// What an outbox does with frames that a slow reader may miss.
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outbox.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace troupe {
namespace {

using nlohmann::json;
using list = std::vector<std::string>;

constexpr std::size_t no_bound = SIZE_MAX;

lossy_audience_ptr audience_of(std::string name, slow_consumer policy) {
  return std::make_shared<lossy_audience>(
    lossy_audience{audience_kind::topic, std::move(name), policy});
}

// 100 bytes that say `words`, header included.
frame_ref answer(const std::string& words) {
  return frame_ref{text_frame(words + std::string(98 - words.size(), ' '))};
}

frame_ref frame_of(const lossy_audience_ptr& of, std::uint64_t offset, std::size_t size = 98) {
  std::string words = of->name + " " + std::to_string(offset);
  if (words.size() < size)
    words.append(size - words.size(), ' ');
  return {{nullptr, text_frame(words)}, of, offset};
}

// Takes one whole frame off the front; empty if there is none. Without trailing spaces; a gap as
// `gap NAME DROPPED to OFFSET`.
std::string take_frame(std::string& bytes) {
  if (bytes.size() < 2)
    return {};
  std::size_t size = static_cast<unsigned char>(bytes[1]), at = 2;
  if (size == 126) {
    size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2])) << 8 |
           static_cast<unsigned char>(bytes[3]);
    at = 4;
  }
  if (bytes.size() < at + size)
    return {};
  std::string text = bytes.substr(at, size);
  bytes.erase(0, at + size);
  if (text.starts_with('{')) {
    const auto gap = json::parse(text);
    EXPECT_EQ(gap.at("type"), "gap");
    return "gap " + gap.at("topic").get<std::string>() + " " + gap.at("dropped").dump() + " to " +
           gap.at("offset").dump();
  }
  return text.erase(text.find_last_not_of(' ') + 1);
}

std::string bytes_waiting(outbox& box) {
  std::vector<iovec> out(100'000);
  const auto n = box.gather(out);
  std::string bytes;
  for (std::size_t i = 0; i < n; ++i)
    bytes.append(static_cast<const char*>(out[i].iov_base), out[i].iov_len);
  return bytes;
}

// What would leave. Nothing of the first frame may have left yet.
list waiting(outbox& box) {
  auto bytes = bytes_waiting(box);
  list out;
  while (!bytes.empty())
    out.push_back(take_frame(bytes));
  return out;
}

class lossy_outbox : public testing::Test {
protected:
  outbox box;
  const lossy_audience_ptr a = audience_of("a", slow_consumer::drop_oldest);
  const lossy_audience_ptr b = audience_of("b", slow_consumer::drop_oldest);
  const lossy_audience_ptr now = audience_of("now", slow_consumer::latest_only);

  outbox::pushed push(const frame_ref& what, std::size_t bytes_max = 1000) {
    return box.push(what, bytes_max);
  }
  void push_frames(const lossy_audience_ptr& of, std::uint64_t first, std::uint64_t last,
                   std::size_t bytes_max = 1000) {
    for (auto offset = first; offset <= last; ++offset)
      ASSERT_EQ(push(frame_of(of, offset), bytes_max), outbox::pushed::queued);
  }
};

TEST_F(lossy_outbox, up_to_the_bound_nothing_is_dropped) {
  push_frames(a, 1, 10);
  EXPECT_EQ(box.bytes(), 1000u);
  EXPECT_EQ(waiting(box).size(), 10u);
}

TEST_F(lossy_outbox, the_oldest_go_and_a_gap_says_how_many) {
  push_frames(a, 1, 11);
  // 1100 bytes would wait; 875 may, with a gap that could be 97 bytes long.
  EXPECT_EQ(waiting(box),
            (list{"gap a 4 to 4", "a 5", "a 6", "a 7", "a 8", "a 9", "a 10", "a 11"}));
  EXPECT_LE(box.bytes(), 875u);
}

TEST_F(lossy_outbox, a_gap_that_still_waits_is_widened) {
  push_frames(a, 1, 10'000);
  const auto left = waiting(box);
  const auto kept = left.size() - 1;
  EXPECT_GE(kept, 7u);
  EXPECT_EQ(left.front(),
            "gap a " + std::to_string(10'000 - kept) + " to " + std::to_string(10'000 - kept));
  EXPECT_EQ(left.back(), "a 10000");
}

TEST_F(lossy_outbox, what_has_begun_to_leave_stays) {
  push_frames(a, 1, 10);
  box.consume(3);
  push_frames(a, 11, 12);
  auto bytes = bytes_waiting(box);
  EXPECT_EQ(bytes.size(), box.bytes());
  bytes.erase(0, 97); // the rest of the first
  EXPECT_EQ(take_frame(bytes).substr(0, 6), "gap a ");
}

TEST_F(lossy_outbox, a_gap_that_has_begun_to_leave_stays_as_it_is) {
  push_frames(a, 1, 11);
  const auto begun = waiting(box).front();
  box.consume(1);
  push_frames(a, 12, 20);
  auto bytes = "\x81" + bytes_waiting(box);
  EXPECT_EQ(take_frame(bytes), begun);
  EXPECT_EQ(take_frame(bytes), "gap a 9 to 13");
}

TEST_F(lossy_outbox, answers_are_never_dropped_and_no_gap_reaches_across_them) {
  push_frames(a, 1, 2);
  push(answer("first"));
  push_frames(a, 3, 4);
  push(answer("second"));
  push_frames(a, 5, 9);
  EXPECT_EQ(waiting(box), (list{"gap a 2 to 2", "first", "gap a 2 to 4", "second", "gap a 2 to 6",
                                "a 7", "a 8", "a 9"}));
}

TEST_F(lossy_outbox, each_audience_has_a_gap_of_its_own) {
  for (std::uint64_t offset = 1; offset <= 6; ++offset) {
    push(frame_of(a, offset));
    push(frame_of(b, offset + 100));
  }
  const auto left = waiting(box);
  EXPECT_EQ(left[0].substr(0, 6), "gap a ");
  EXPECT_EQ(left[1].substr(0, 6), "gap b ");
  EXPECT_EQ(left[left.size() - 2], "a 6");
  EXPECT_EQ(left[left.size() - 1], "b 106");
}

TEST_F(lossy_outbox, an_answer_finds_room_where_frames_can_be_dropped) {
  push_frames(a, 1, 10);
  EXPECT_EQ(push(answer("here")), outbox::pushed::queued);
  EXPECT_EQ(waiting(box).front().substr(0, 3), "gap");
  EXPECT_EQ(waiting(box).back(), "here");
}

TEST_F(lossy_outbox, a_frame_without_room_among_answers_is_a_gap_itself) {
  for (int i = 0; i < 9; ++i)
    push(answer("needed"));
  EXPECT_EQ(push(frame_of(a, 1, 300)), outbox::pushed::queued);
  EXPECT_EQ(waiting(box).back(), "gap a 1 to 1");
  EXPECT_EQ(push(frame_of(a, 2, 300)), outbox::pushed::queued);
  EXPECT_EQ(waiting(box).back(), "gap a 2 to 2");
  EXPECT_LE(box.bytes(), 1000u);
}

TEST_F(lossy_outbox, the_newest_frame_may_use_the_room_that_is_kept_free) {
  push_frames(a, 1, 3);
  EXPECT_EQ(push(frame_of(a, 4, 890)), outbox::pushed::queued);
  EXPECT_EQ(waiting(box), (list{"gap a 3 to 3", "a 4"}));
  EXPECT_GT(box.bytes(), 875u);
}

TEST_F(lossy_outbox, answers_alone_overflow) {
  push_frames(a, 1, 5);
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(push(answer("needed")), outbox::pushed::queued);
  EXPECT_EQ(push(answer("too much")), outbox::pushed::overflow);
  EXPECT_EQ(push(frame_of(a, 6)), outbox::pushed::overflow);
  list expected(9, "needed");
  expected.insert(expected.begin(), "gap a 5 to 5");
  EXPECT_EQ(waiting(box), expected);
  box.consume(200);
  EXPECT_EQ(push(answer("fits again")), outbox::pushed::queued);
  push_frames(a, 7, 20);
}

TEST_F(lossy_outbox, what_is_held_back_has_a_gap_of_its_own) {
  push_frames(a, 1, 2);
  box.hold();
  push_frames(a, 3, 9);
  push(frame_of(a, 10, 700));
  EXPECT_EQ(waiting(box), (list{"gap a 2 to 2"}));
  box.release(answer("between"));
  EXPECT_EQ(waiting(box), (list{"gap a 2 to 2", "between", "gap a 7 to 9", "a 10"}));
}

TEST_F(lossy_outbox, all_leaves_while_the_reader_keeps_up) {
  push_frames(now, 1, 9);
  EXPECT_EQ(waiting(box).size(), 9u);
}

TEST_F(lossy_outbox, only_the_newest_leaves_once_the_reader_has_fallen_behind) {
  push_frames(now, 1, 3);
  push(answer("between"));
  push_frames(now, 4, 6);
  box.fall_behind();
  EXPECT_EQ(waiting(box), (list{"gap now 3 to 3", "between", "gap now 2 to 5", "now 6"}));
  push_frames(now, 7, 7);
  push_frames(a, 1, 2);
  EXPECT_EQ(waiting(box),
            (list{"gap now 3 to 3", "between", "gap now 3 to 6", "now 7", "a 1", "a 2"}));
}

TEST_F(lossy_outbox, who_has_fallen_behind_keeps_little_of_it) {
  push_frames(now, 1, 1);
  box.consume(1);
  box.fall_behind();
  push_frames(now, 2, 10'000, no_bound);
  EXPECT_LT(box.frames(), 40u);
  auto bytes = bytes_waiting(box);
  bytes.erase(0, 99);
  EXPECT_EQ(take_frame(bytes), "gap now 9998 to 9999");
  EXPECT_EQ(take_frame(bytes), "now 10000");
  EXPECT_TRUE(bytes.empty());
}

TEST_F(lossy_outbox, who_has_caught_up_gets_everything_again) {
  push_frames(now, 1, 3);
  box.fall_behind();
  box.consume(bytes_waiting(box).size());
  EXPECT_TRUE(box.empty());
  push_frames(now, 4, 6);
  EXPECT_EQ(waiting(box), (list{"now 4", "now 5", "now 6"}));
}

TEST_F(lossy_outbox, at_the_bound_only_the_newest_stays_for_whom_it_is_enough) {
  push_frames(a, 1, 5);
  push_frames(now, 1, 6);
  EXPECT_EQ(waiting(box), (list{"a 1", "a 2", "a 3", "a 4", "a 5", "gap now 5 to 5", "now 6"}));
}

TEST_F(lossy_outbox, even_the_newest_goes_when_there_is_no_other_room) {
  push_frames(now, 1, 1);
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(push(answer("needed")), outbox::pushed::queued);
  EXPECT_EQ(push(answer("needed"), 1000), outbox::pushed::overflow);
  EXPECT_EQ(waiting(box).front(), "gap now 1 to 1");
}

TEST_F(lossy_outbox, a_gap_names_a_room_as_a_room) {
  const auto room = std::make_shared<lossy_audience>(
    lossy_audience{audience_kind::room, "r", slow_consumer::latest_only});
  box.push({{nullptr, text_frame("1")}, room, 7}, no_bound);
  box.push({{nullptr, text_frame("2")}, room, 8}, no_bound);
  box.fall_behind();
  auto bytes = bytes_waiting(box);
  EXPECT_EQ(bytes.substr(2, bytes.size() - 5),
            R"({"type":"gap","room":"r","dropped":1,"offset":7})");
}

TEST_F(lossy_outbox, every_dropped_frame_is_counted) {
  loop_metrics counts;
  a->counts = &counts;
  push_frames(a, 1, 11);
  EXPECT_EQ(counts.dropped.value(static_cast<std::size_t>(drop_reason::gap)), 4u);
}

// -- pongs -------------------------------------------------------------------------------------------

frame_ref pong(const std::string& payload) {
  return frame_ref{pong_frame(payload)};
}

TEST_F(lossy_outbox, pongs_wait_in_any_number_that_is_small) {
  for (int i = 0; i < 15; ++i) {
    EXPECT_FALSE(box.pongs_pile_up());
    push(pong(""));
  }
  EXPECT_FALSE(box.pongs_pile_up());
  push(pong(""));
  EXPECT_TRUE(box.pongs_pile_up());
}

TEST_F(lossy_outbox, the_last_pong_gives_way_when_the_reader_is_behind) {
  push(answer("1"));
  box.fall_behind();
  EXPECT_FALSE(box.pongs_pile_up()) << "the last frame is none";
  push(pong("old"));
  EXPECT_TRUE(box.pongs_pile_up());
  box.replace_last(pong("newer"));
  EXPECT_EQ(waiting(box), (list{"1", "newer"}));
  EXPECT_EQ(box.bytes(), bytes_waiting(box).size());
  box.consume(101);
  EXPECT_FALSE(box.pongs_pile_up()) << "it has begun to leave";
}

// -- anything in any order ---------------------------------------------------------------------------

// Reads what leaves, and holds it against what was pushed: of each audience every frame comes or is
// part of a gap, in order, and an answer comes where it was given.
class reader {
public:
  void read(std::string bytes) {
    bytes_ += bytes;
    for (std::string text; !(text = take_frame(bytes_)).empty();) {
      std::istringstream words(text);
      std::string kind;
      words >> kind;
      if (kind == "answer") {
        std::uint64_t number = 0, at_a = 0, at_now = 0;
        words >> number >> at_a >> at_now;
        EXPECT_EQ(number, ++answers_);
        EXPECT_EQ(stands["a"], at_a);
        EXPECT_EQ(stands["now"], at_now);
      } else if (kind == "gap") {
        std::string name, to;
        std::uint64_t missing = 0, offset = 0;
        words >> name >> missing >> to >> offset;
        EXPECT_GT(missing, 0u);
        EXPECT_EQ(stands[name] + missing, offset);
        stands[name] = offset;
        ++gaps;
      } else {
        std::uint64_t offset = 0;
        words >> offset;
        EXPECT_EQ(++stands[kind], offset);
      }
    }
  }
  bool amid_frame() const { return !bytes_.empty(); }

  std::map<std::string, std::uint64_t> stands;
  std::size_t gaps = 0;

private:
  std::string bytes_;
  std::uint64_t answers_ = 0;
};

std::size_t count_of(std::string_view what, std::string_view in) {
  std::size_t count = 0;
  for (auto at = in.find(what); at != in.npos; at = in.find(what, at + 1))
    ++count;
  return count;
}

struct run {
  explicit run(std::uint64_t seed) : dice(seed), bytes_max(500 + dice() % 5000) {}

  frame_ref next_answer() {
    return answer("answer " + std::to_string(++answers) + " " + std::to_string(a_at) + " " +
                  std::to_string(now_at));
  }
  void write() {
    std::vector<iovec> parts(1 + dice() % 8);
    std::string out;
    for (std::size_t i = 0, n = box.gather(parts); i < n; ++i)
      out.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    if (behind) {
      EXPECT_LE(count_of("now ", out), 2u) << "the newest, and one that has begun to leave";
    }
    const auto taken = dice() % 3 == 0 ? out.size() : dice() % (out.size() + 1);
    box.consume(taken);
    seen.read(out.substr(0, taken));
    if (taken < out.size())
      box.fall_behind();
    behind = (behind || taken < out.size()) && !box.idle();
  }
  bool push_something() {
    const auto size = 20 + dice() % 300;
    switch (dice() % 4) {
    case 0:
      return pushed(next_answer());
    case 1:
      return pushed(frame_of(a, ++a_at, size));
    default:
      return pushed(frame_of(now, ++now_at, size));
    }
  }
  bool pushed(const frame_ref& what) {
    EXPECT_LE(box.bytes(), bytes_max);
    return box.push(what, bytes_max) == outbox::pushed::queued;
  }
  void finish() {
    if (box.held())
      box.release({});
    box.push_last(next_answer());
    auto rest = bytes_waiting(box);
    EXPECT_EQ(rest.size(), box.bytes());
    box.consume(rest.size());
    EXPECT_TRUE(box.empty());
    seen.read(rest);
    EXPECT_FALSE(seen.amid_frame());
  }

  std::mt19937_64 dice;
  const std::size_t bytes_max;
  outbox box;
  reader seen;
  const lossy_audience_ptr a = audience_of("a", slow_consumer::drop_oldest);
  const lossy_audience_ptr now = audience_of("now", slow_consumer::latest_only);
  std::uint64_t a_at = 0, now_at = 0, answers = 0;
  bool behind = false;
};

TEST(lossy_outbox_in_any_order, every_frame_comes_or_is_part_of_a_gap) {
  std::size_t gaps = 0, finished = 0;
  for (std::uint64_t seed = 1; seed <= 600 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    run all(seed);
    bool room_left = true;
    for (int step = 0; step < 300 && room_left; ++step) {
      const auto what = all.dice() % 16;
      if (what < 4)
        all.write();
      else if (what == 4 && !all.box.held() && all.dice() % 4 == 0)
        all.box.hold();
      else if (what == 5 && all.box.held())
        all.box.release({});
      else
        room_left = all.push_something();
    }
    if (room_left) {
      ++finished;
      all.finish();
      EXPECT_EQ(all.seen.stands["a"], all.a_at);
      EXPECT_EQ(all.seen.stands["now"], all.now_at);
    }
    gaps += all.seen.gaps;
  }
  EXPECT_GT(gaps, 1000u);
  EXPECT_GT(finished, 100u);
}

} // namespace
} // namespace troupe
