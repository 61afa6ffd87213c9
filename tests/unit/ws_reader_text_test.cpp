// Text that is none is refused as soon as that shows.
#include "ws_frames.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe {
namespace {

using namespace ws_test;

// Texts that are none, and the byte that shows it: nothing that follows could make it good.
const std::pair<std::string, std::size_t> broken_texts[] = {
  {"abc\xff", 3},
  {"\x80", 0},
  {"caf\xc3\xa9\xc0", 5},
  {"\xc3(", 1},
  {"\xe0\x9f", 1},
  {"\xed\xa0", 1},
  {"\xf0\x8f", 1},
  {"\xf4\x90", 1},
  {"\xf5", 0},
  {"\xe2\x98x", 2},
  {"\xf0\x9f\x98 ", 3},
  {std::string(1021, 'a') + "\xf0\x9f\x98 ", 1024},
  {std::string(5000, 'a') + "\xc3\xa9\xff", 5002},
};

const list invalid_utf8{"violation 1007"};

TEST(ws_reader, invalid_text_in_half_a_frame_is_refused_with_the_byte_that_shows_it) {
  for (const auto& [text_bytes, at] : broken_texts) {
    const auto whole = frame(fin | text, text_bytes + std::string(200, 'x'));
    const auto payload = whole.size() - text_bytes.size() - 200;
    stream drops;
    for (std::size_t i = 0; i < payload + at; ++i) {
      drops.receive({&whole[i], 1});
      ASSERT_TRUE(drops.seen.events.empty()) << text_bytes << " " << i;
    }
    drops.receive({&whole[payload + at], 1});
    EXPECT_EQ(drops.seen.events, invalid_utf8) << text_bytes;
    stream at_once;
    at_once.receive(std::string_view(whole).substr(0, payload + at + 1));
    EXPECT_EQ(at_once.seen.events, invalid_utf8) << text_bytes;
  }
}

TEST(ws_reader, invalid_text_in_a_fragment_is_refused_before_the_next) {
  for (const auto& [text_bytes, at] : broken_texts)
    for (std::size_t cut = 0; cut <= at; cut += 1 + at / 7) {
      stream s;
      s.receive(frame(text, text_bytes.substr(0, cut)));
      s.receive(frame(continuation, ""));
      s.receive(frame(fin | ping, "p"));
      ASSERT_EQ(s.seen.events, list{"ping p"}) << text_bytes << " " << cut;
      s.receive(frame(continuation, text_bytes.substr(cut)));
      EXPECT_EQ(s.seen.events, (list{"ping p", "violation 1007"})) << text_bytes << " " << cut;
      // The same with the fragment half there.
      stream half;
      half.receive(frame(text, text_bytes.substr(0, cut)));
      half.receive(
        frame(fin | continuation, text_bytes.substr(cut) + "xx").substr(0, 6 + at + 1 - cut));
      if (text_bytes.size() - cut + 2 < 126) {
        EXPECT_EQ(half.seen.events, invalid_utf8) << text_bytes << " " << cut;
      }
    }
}

TEST(ws_reader, text_is_taken_wherever_it_is_cut) {
  const std::string characters[] = {"a",
                                    "\x7f",
                                    "\xc2\x80",
                                    "\xdf\xbf",
                                    "\xe0\xa0\x80",
                                    "\xed\x9f\xbf",
                                    "\xef\xbf\xbf",
                                    "\xf0\x90\x80\x80",
                                    "\xf4\x8f\xbf\xbf"};
  std::mt19937_64 dice(4);
  for (int i = 0; i < 2'000; ++i) {
    std::string whole, sent;
    for (auto n = dice() % 60; n > 0; --n)
      whole += characters[dice() % std::size(characters)];
    std::size_t at = dice() % (whole.size() + 1);
    sent = frame(at == whole.size() ? fin | text : text, whole.substr(0, at));
    while (at < whole.size()) {
      const auto size = 1 + dice() % (whole.size() - at);
      at += size;
      sent += frame(at == whole.size() ? fin | continuation : continuation,
                    whole.substr(at - size, size));
    }
    stream s;
    for (std::size_t from = 0; from < sent.size();) {
      const auto size = 1 + dice() % 12;
      s.receive(std::string_view(sent).substr(from, size));
      from += size;
    }
    ASSERT_EQ(s.seen.events, list{"text " + whole});
  }
}

} // namespace
} // namespace troupe
