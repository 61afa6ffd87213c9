#include "troupe/delivery/outbox.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

namespace troupe {
namespace {

frame_ref made(std::string payload) {
  return frame_ref{text_frame(payload)};
}

std::string bytes_of(const frame_ref& p) {
  return {p.data(), p.size()};
}

// What would leave next, at most `parts` frames of it.
std::string gathered(outbox& box, std::size_t parts = 1000) {
  std::vector<iovec> out(parts);
  const auto n = box.gather(out);
  std::string bytes;
  for (std::size_t i = 0; i < n; ++i)
    bytes.append(static_cast<const char*>(out[i].iov_base), out[i].iov_len);
  return bytes;
}

// The same as two plain queues: what may leave, and what is held back.
struct model {
  std::deque<std::string> free;
  std::deque<std::string> behind;
  std::size_t gone = 0; // bytes of the first of `free`
  bool held = false;
  bool closed = false;

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto* queue : {&free, &behind})
      for (const auto& frame : *queue)
        sum += frame.size();
    return sum - gone;
  }
  bool nothing() const { return free.empty() && behind.empty(); }
  void add(std::string frame) { (held ? behind : free).push_back(std::move(frame)); }
  void release(const std::string* first) {
    if (first && !closed)
      free.push_back(*first);
    free.insert(free.end(), behind.begin(), behind.end());
    behind.clear();
    held = false;
  }
  void drop_unsent() {
    if (gone == 0)
      free.clear();
    else
      free.resize(1);
    behind.clear();
    held = false;
  }
  std::string gathered(std::size_t parts) const {
    std::string out;
    for (std::size_t i = 0; i < std::min(parts, free.size()); ++i)
      out += free[i];
    return out.empty() ? out : out.substr(gone);
  }
  void consume(std::size_t count) {
    gone += count;
    while (!free.empty() && gone >= free.front().size()) {
      gone -= free.front().size();
      free.pop_front();
    }
  }
};

TEST(outbox, random_operations_do_what_two_plain_queues_do) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 dice(seed);
    outbox box;
    model simple;
    const std::size_t bytes_max = 1 + dice() % 3000;
    const unsigned closing = dice() % 2 ? 1 : 0;
    for (int step = 0; step < 400; ++step) {
      const std::string payload(dice() % 200, static_cast<char>('a' + dice() % 26));
      const frame_ref p = made(payload);
      switch (dice() % (16 + closing)) {
      default: {
        const bool fits = simple.nothing() || simple.bytes() + p.size() <= bytes_max;
        const auto expected = simple.closed ? outbox::pushed::closed
                              : fits        ? outbox::pushed::queued
                                            : outbox::pushed::overflow;
        ASSERT_EQ(box.push(p, bytes_max), expected) << seed << " " << step;
        if (expected == outbox::pushed::queued)
          simple.add(bytes_of(p));
        break;
      }
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: {
        const std::size_t parts = 1 + dice() % 8;
        const auto out = gathered(box, parts);
        ASSERT_EQ(out, simple.gathered(parts)) << seed << " " << step;
        // Sockets often take all, sometimes nothing, sometimes a part.
        const auto taken = dice() % 3 == 0 ? out.size() : dice() % (out.size() + 1);
        box.consume(taken);
        simple.consume(taken);
        break;
      }
      case 5:
        if (!simple.closed) {
          box.hold();
          simple.held = true;
        }
        break;
      case 6: {
        const auto first = bytes_of(p);
        const bool something = dice() % 2;
        box.release(something ? p : frame_ref{});
        simple.release(something ? &first : nullptr);
        break;
      }
      case 7:
        if (dice() % 8 == 0) {
          box.drop_unsent();
          simple.drop_unsent();
        }
        break;
      case 16:
        if (dice() % 8 == 0) {
          box.push_last(p);
          if (!simple.closed) {
            simple.release(nullptr);
            simple.add(bytes_of(p));
          }
          simple.closed = true;
        }
      }
      ASSERT_EQ(box.bytes(), simple.bytes()) << seed << " " << step;
      ASSERT_EQ(box.empty(), simple.free.empty() && simple.behind.empty()) << seed << " " << step;
      ASSERT_EQ(box.idle(), simple.free.empty()) << seed << " " << step;
      ASSERT_EQ(box.held(), simple.held) << seed << " " << step;
      ASSERT_EQ(box.closed(), simple.closed) << seed << " " << step;
      ASSERT_EQ(gathered(box), simple.gathered(1000)) << seed << " " << step;
    }
  }
}

TEST(outbox, what_fits_exactly_is_taken_and_one_byte_more_is_not) {
  outbox box;
  const frame_ref ten = made("12345678"); // and two bytes of header
  EXPECT_EQ(box.push(ten, 20), outbox::pushed::queued);
  EXPECT_EQ(box.push(ten, 19), outbox::pushed::overflow);
  EXPECT_EQ(box.push(ten, 20), outbox::pushed::queued);
  EXPECT_EQ(box.push(made(""), 20), outbox::pushed::overflow);
  EXPECT_EQ(box.bytes(), 20u);
}

TEST(outbox, an_empty_box_takes_any_one_frame) {
  outbox box;
  EXPECT_EQ(box.push(made("longer than the bound"), 10), outbox::pushed::queued);
  EXPECT_EQ(box.push(made(""), 10), outbox::pushed::overflow);
  box.consume(box.bytes());
  EXPECT_EQ(box.push(made("longer than the bound"), 10), outbox::pushed::queued);
}

TEST(outbox, bytes_that_have_left_make_room) {
  outbox box;
  const frame_ref ten = made("12345678");
  box.push(ten, 10);
  EXPECT_EQ(box.push(made("1"), 10), outbox::pushed::overflow);
  box.consume(3);
  EXPECT_EQ(box.push(made("1"), 10), outbox::pushed::queued);
}

TEST(outbox, the_last_frame_passes_a_full_box_and_nothing_passes_it) {
  outbox box;
  box.push(made("12345678"), 10);
  box.push_last(made("bye"));
  EXPECT_EQ(box.push(made("late"), 1000), outbox::pushed::closed);
  box.push_last(made("bye again"));
  EXPECT_EQ(gathered(box), "\x81\x08"
                           "12345678"
                           "\x81\x03"
                           "bye");
}

TEST(outbox, a_frame_of_which_a_part_has_left_is_not_dropped) {
  outbox box;
  box.push(made("first"), 1000);
  box.push(made("second"), 1000);
  box.consume(3);
  box.drop_unsent();
  EXPECT_EQ(gathered(box), "irst");
  EXPECT_EQ(box.bytes(), 4u);
}

TEST(outbox, a_frame_of_which_nothing_has_left_is_dropped) {
  outbox box;
  box.push(made("first"), 1000);
  box.push(made("second"), 1000);
  box.consume(made("first").size());
  box.drop_unsent();
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(box.bytes(), 0u);
}

TEST(outbox, the_first_after_a_hold_goes_before_what_was_held) {
  outbox box;
  box.push(made("1"), 1000);
  box.hold();
  box.push(made("3"), 1000);
  box.push(made("4"), 1000);
  EXPECT_EQ(gathered(box), "\x81\x01"
                           "1");
  box.release(made("2"));
  EXPECT_EQ(gathered(box), "\x81\x01"
                           "1"
                           "\x81\x01"
                           "2"
                           "\x81\x01"
                           "3"
                           "\x81\x01"
                           "4");
}

TEST(outbox, a_held_frame_is_bounded_like_any_other) {
  outbox box;
  box.hold();
  EXPECT_EQ(box.push(made("12345678"), 10), outbox::pushed::queued);
  EXPECT_EQ(box.push(made("1"), 10), outbox::pushed::overflow);
  EXPECT_TRUE(box.idle());
  EXPECT_FALSE(box.empty());
}

TEST(outbox, an_end_releases_what_was_held) {
  outbox box;
  box.hold();
  box.push(made("held"), 1000);
  box.push_last(made("bye"));
  EXPECT_FALSE(box.held());
  EXPECT_EQ(gathered(box), "\x81\x04"
                           "held"
                           "\x81\x03"
                           "bye");
}

TEST(outbox, a_long_queue_comes_out_as_it_went_in) {
  outbox box;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const auto p = made(std::to_string(i));
    expected += bytes_of(p);
    ASSERT_EQ(box.push(p, 1'000'000), outbox::pushed::queued);
  }
  std::string got;
  while (!box.empty()) {
    const auto out = gathered(box, 64);
    got += out;
    box.consume(out.size());
  }
  EXPECT_EQ(got, expected);
}

} // namespace
} // namespace troupe
