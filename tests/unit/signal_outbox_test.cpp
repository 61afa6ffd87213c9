// What an outbox does with signals: they are queued while little waits, and are the first to go.
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {
namespace {

constexpr std::size_t bound = 1000;

// 100 bytes, header included.
frame_ref answer() {
  return frame_ref{text_frame(std::string(98, 'a'))};
}

struct signalled_outbox {
  outbox box;
  loop_metrics counts;

  frame_ref signal() {
    return frame_ref::signal({nullptr, text_frame(std::string(98, 's'))}, counts);
  }
  bool push_signal() { return box.push_signal(signal(), bound / 2); }
  outbox::pushed push() { return box.push(answer(), bound); }
  std::uint64_t dropped() const {
    return counts.signals_dropped.value(static_cast<std::size_t>(signal_drop::slow_reader));
  }
  // What would leave: `a` for an answer, `s` for a signal.
  std::string waiting() {
    std::vector<iovec> out(100);
    std::string all;
    for (std::size_t i = 0, n = box.gather(out); i < n; ++i)
      all += static_cast<const char*>(out[i].iov_base)[out[i].iov_len - 1];
    return all;
  }
};

TEST(signal_outbox, takes_them_while_little_waits) {
  signalled_outbox o;
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(o.push_signal());
  EXPECT_FALSE(o.push_signal()) << "half of the bound";
  EXPECT_EQ(o.push(), outbox::pushed::queued);
  EXPECT_EQ(o.waiting(), "sssssa");
  EXPECT_EQ(o.box.bytes(), 600u);
}

TEST(signal_outbox, an_empty_one_takes_any) {
  signalled_outbox o;
  EXPECT_TRUE(o.box.push_signal(o.signal(), 10));
  EXPECT_FALSE(o.box.push_signal(o.signal(), 10));
}

TEST(signal_outbox, they_go_when_the_reader_falls_behind) {
  signalled_outbox o;
  o.push();
  o.push_signal();
  o.push();
  o.push_signal();
  o.box.fall_behind();
  EXPECT_EQ(o.waiting(), "aa");
  EXPECT_EQ(o.box.bytes(), 200u);
  EXPECT_EQ(o.dropped(), 2u);
  EXPECT_FALSE(o.push_signal()) << "it does not keep up";
  o.box.consume(200);
  EXPECT_TRUE(o.push_signal()) << "it does again";
}

TEST(signal_outbox, an_empty_one_says_nothing_of_its_reader) {
  signalled_outbox o;
  o.push_signal();
  o.box.fall_behind();
  EXPECT_TRUE(o.box.empty());
  EXPECT_FALSE(o.box.is_behind());
  EXPECT_TRUE(o.push_signal());
}

TEST(signal_outbox, what_has_begun_to_leave_stays) {
  signalled_outbox o;
  o.push_signal();
  o.push_signal();
  o.box.consume(1);
  o.box.fall_behind();
  EXPECT_EQ(o.waiting(), "s");
  EXPECT_EQ(o.box.bytes(), 99u);
  EXPECT_EQ(o.dropped(), 1u);
}

TEST(signal_outbox, they_go_before_anything_else_where_the_bound_is_reached) {
  signalled_outbox o;
  const auto of = std::make_shared<lossy_audience>(
    lossy_audience{audience_kind::topic, "t", slow_consumer::drop_oldest});
  o.push_signal();
  o.box.push({{nullptr, text_frame(std::string(98, 'l'))}, of, 1}, bound);
  o.push_signal();
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(o.push(), outbox::pushed::queued);
  EXPECT_EQ(o.waiting(), "laaaaaaaa") << "what may leave a gap is still there";
  EXPECT_EQ(o.dropped(), 2u);
}

TEST(signal_outbox, they_count_towards_no_bound) {
  signalled_outbox o;
  for (int i = 0; i < 5; ++i)
    o.push_signal();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(o.push(), outbox::pushed::queued);
  EXPECT_EQ(o.push(), outbox::pushed::overflow);
  EXPECT_EQ(o.waiting(), "aaaaaaaaaa");
}

TEST(signal_outbox, while_held_there_are_none_and_what_was_there_goes_alone) {
  signalled_outbox o;
  o.push_signal();
  o.push();
  o.box.hold();
  EXPECT_FALSE(o.push_signal());
  o.push();
  o.box.fall_behind();
  EXPECT_EQ(o.waiting(), "a") << "the other one is held";
  o.box.release(answer());
  EXPECT_EQ(o.waiting(), "aaa");
}

} // namespace
} // namespace troupe
