#include "troupe/delivery/frame_ref.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/frame.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::string_literals;

TEST(frame, the_header_is_as_short_as_the_length_allows) {
  const std::pair<std::size_t, std::string> headers[] = {
    {0, "\x81\x00"s},
    {1, "\x81\x01"s},
    {125, "\x81\x7d"s},
    {126, "\x81\x7e\x00\x7e"s},
    {255, "\x81\x7e\x00\xff"s},
    {256, "\x81\x7e\x01\x00"s},
    {65535, "\x81\x7e\xff\xff"s},
    {65536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
    {16909060, "\x81\x7f\x00\x00\x00\x00\x01\x02\x03\x04"s},
  };
  for (const auto& [size, header] : headers) {
    const std::string payload(size, 'x');
    EXPECT_TRUE(text_frame(payload)->bytes() == header + payload) << size;
  }
}

TEST(frame, a_writer_makes_the_same_frame_whatever_it_reserved) {
  for (const std::size_t expected : {0u, 1u, 192u, 100'000u}) {
    for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u}) {
      frame_writer writer(expected);
      const std::string half(size / 2, 'a');
      writer << half;
      writer.out().append(size - size / 2, 'a');
      EXPECT_EQ(writer.payload_bytes(), size);
      EXPECT_TRUE(std::move(writer).finish()->bytes() ==
                  text_frame(std::string(size, 'a'))->bytes())
        << size;
    }
  }
}

TEST(frame, a_close_frame_has_code_and_reason) {
  EXPECT_EQ(close_frame(close_code::normal, "")->bytes(), "\x88\x02\x03\xe8");
  EXPECT_EQ(close_frame(close_code::slow_consumer, "slow")->bytes(), "\x88\x06\x11\x39slow");
}

TEST(frame, a_reason_is_cut_to_123_bytes_between_two_characters) {
  const auto reason_of = [](const std::string& reason) {
    return std::string(close_frame(close_code::normal, reason)->bytes().substr(4));
  };
  EXPECT_EQ(reason_of(std::string(123, 'r')), std::string(123, 'r'));
  EXPECT_EQ(reason_of(std::string(124, 'r')), std::string(123, 'r'));
  EXPECT_EQ(close_frame(close_code::normal, std::string(124, 'r'))->bytes().substr(0, 2),
            "\x88\x7d");
  for (const std::string character : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    for (std::size_t before = 118; before <= 124; ++before) {
      std::string reason(before, 'r');
      for (int i = 0; i < 4; ++i)
        reason += character;
      const auto cut = reason_of(reason);
      EXPECT_TRUE(valid_utf8(cut)) << before << " " << character;
      EXPECT_LE(cut.size(), 123u);
      EXPECT_GT(cut.size() + character.size(), 123u) << "more is cut than need be";
      EXPECT_TRUE(reason.starts_with(cut));
    }
}

TEST(frame, control_frames_carry_at_most_125_bytes) {
  EXPECT_EQ(ping_frame()->bytes(), "\x89\x00"s);
  EXPECT_EQ(pong_frame("")->bytes(), "\x8a\x00"s);
  EXPECT_EQ(pong_frame("hello")->bytes(), "\x8a\x05hello");
  EXPECT_EQ(pong_frame(std::string(200, 'p'))->bytes(), "\x8a\x7d" + std::string(125, 'p'));
  EXPECT_EQ(close_echo_frame("")->bytes(), "\x88\x00"s);
  EXPECT_EQ(close_echo_frame("\x03\xe8"
                             "bye")
              ->bytes(),
            "\x88\x05\x03\xe8"
            "bye");
}

TEST(frame, joined_frames_are_one_after_the_other) {
  const auto joined = joined_frames(text_frame("a"), ping_frame());
  EXPECT_EQ(joined->bytes(), "\x81\x01"s + "a" + "\x89\x00"s);
}

TEST(frame_ref, copies_show_the_same_bytes_and_outlive_the_first) {
  const auto frame = text_frame("hello");
  frame_ref kept;
  EXPECT_FALSE(kept);
  {
    const frame_ref first{frame};
    frame_ref second = first;
    kept = second;
    second = frame_ref{};
    EXPECT_FALSE(second);
    EXPECT_EQ(first.data(), kept.data()) << "nothing is copied";
  }
  ASSERT_TRUE(kept);
  EXPECT_EQ(std::string_view(kept.data(), kept.size()), frame->bytes());
  EXPECT_EQ(frame->get_reference_count(), 2u) << "one for all copies of the frame_ref";
  frame_ref moved = std::move(kept);
  EXPECT_TRUE(moved);
  moved = frame_ref{};
  EXPECT_TRUE(frame->unique());
}

} // namespace
} // namespace troupe
