#include "ws_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe {
namespace {

using namespace ws_test;
using testing::ElementsAre;

// A text frame of `payload` whose length is written in `bytes` bytes, though fewer would do.
std::string long_winded(int bytes, std::string_view payload) {
  std::string out{'\x81', static_cast<char>(0x80 | (bytes == 2 ? 126 : 127))};
  for (int i = bytes - 1; i >= 0; --i)
    out += static_cast<char>(std::uint64_t{payload.size()} >> (8 * i));
  return out.append(4, '\0').append(payload);
}

std::string close_payload(unsigned code, std::string_view reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)}.append(reason);
}

// Everything a well-behaved client may send, in one stream, and what it means.
std::string conversation() {
  return frame(fin | text, "hello") + frame(fin | ping, "p") + frame(text, "frag") +
         frame(fin | ping, "between") + frame(continuation, "men") + frame(fin | pong, "x") +
         frame(fin | continuation, "ted") + frame(fin | text, "") +
         frame(fin | binary, "\x00\xff"s) + frame(fin | text, std::string(200, 'm')) +
         frame(text, "") + frame(fin | continuation, "caf\xc3\xa9") +
         frame(fin | close, close_payload(1000, "bye"));
}

list conversation_events() {
  return {"text hello",
          "ping p",
          "ping between",
          "pong",
          "text fragmented",
          "text ",
          "binary \x00\xff"s,
          "text " + std::string(200, 'm'),
          "text caf\xc3\xa9",
          "close \x03\xe8"
          "bye"};
}

TEST(ws_reader, a_stream_cut_in_two_anywhere_gives_the_same_events) {
  const auto whole = conversation();
  EXPECT_EQ(events(whole), conversation_events());
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    stream s;
    s.receive(std::string_view(whole).substr(0, cut));
    s.receive(std::string_view(whole).substr(cut));
    ASSERT_EQ(s.seen.events, conversation_events()) << "cut at " << cut;
    ASSERT_EQ(s.waiting(), 0u);
  }
}

TEST(ws_reader, a_stream_that_comes_byte_by_byte_gives_the_same_events) {
  stream s;
  for (const char byte : conversation())
    s.receive({&byte, 1});
  EXPECT_EQ(s.seen.events, conversation_events());
}

TEST(ws_reader, a_stream_in_random_pieces_gives_the_same_events) {
  std::mt19937_64 dice(1);
  const auto whole = conversation();
  for (int i = 0; i < 500; ++i) {
    stream s;
    for (std::size_t at = 0; at < whole.size();) {
      const auto size = 1 + dice() % 40;
      s.receive(std::string_view(whole).substr(at, size));
      at += size;
    }
    ASSERT_EQ(s.seen.events, conversation_events());
  }
}

TEST(ws_reader, frames_of_every_length_are_unmasked_with_any_mask) {
  std::mt19937_64 dice(2);
  for (const std::size_t size : {0u, 1u, 2u, 3u, 4u, 7u, 8u, 9u, 15u, 16u, 17u, 125u, 126u, 127u,
                                 128u, 65535u, 65536u, 65537u}) {
    std::string payload(size, '\0');
    for (char& c : payload)
      c = static_cast<char>(dice() & 0xff);
    std::string mask(4, '\0');
    for (char& c : mask)
      c = static_cast<char>(dice() & 0xff);
    EXPECT_TRUE(events(frame(fin | binary, payload, mask)) == list{"binary " + payload}) << size;
    EXPECT_TRUE(events(frame(fin | binary, payload, "\0\0\0\0"s)) == list{"binary " + payload})
      << size;
  }
}

TEST(ws_reader, no_frame_is_handed_over_that_is_not_wanted) {
  stream s;
  s.seen.wanted = 0;
  s.receive(frame(fin | text, "1") + frame(fin | text, "2") + frame(fin | text, "3"));
  EXPECT_TRUE(s.seen.events.empty());
  s.seen.wanted = 1;
  s.receive("");
  EXPECT_EQ(s.seen.events, (list{"text 1"}));
  s.seen.wanted = 5;
  s.receive("");
  EXPECT_EQ(s.seen.events, (list{"text 1", "text 2", "text 3"}));
  EXPECT_EQ(s.waiting(), 0u);
}

TEST(ws_reader, a_message_half_there_is_left_as_it_is) {
  const auto whole = frame(fin | text, "0123456789abcdef");
  std::string part = whole.substr(0, whole.size() - 1);
  const auto before = part;
  ws_reader reader;
  witness seen;
  EXPECT_EQ(reader.read(part, bytes_max, seen), 0u);
  EXPECT_EQ(part, before) << "unmasking it twice would spoil it";
}

struct violation {
  const char* what;
  std::string bytes;
  int code;
};

const std::vector<violation>& violations() {
  static const std::vector<violation> all = {
    {"first reserved bit", frame(fin | 0x40 | text, "x"), 1002},
    {"second reserved bit", frame(fin | 0x20 | text, "x"), 1002},
    {"third reserved bit", frame(fin | 0x10 | ping, ""), 1002},
    {"not masked", "\x81\x01x", 1002},
    {"opcode 3", frame(fin | 3, ""), 1002},
    {"opcode 7", frame(fin | 7, ""), 1002},
    {"opcode 11", frame(fin | 11, ""), 1002},
    {"opcode 15", frame(fin | 15, ""), 1002},
    {"fragmented ping", frame(ping, ""), 1002},
    {"fragmented pong", frame(pong, ""), 1002},
    {"fragmented close", frame(close, ""), 1002},
    {"long ping", frame(fin | ping, std::string(126, 'p')), 1002},
    {"long close", frame(fin | close, close_payload(1000, std::string(124, 'r'))), 1002},
    {"continuation of nothing", frame(fin | continuation, "x"), 1002},
    {"fragment of nothing", frame(continuation, "x"), 1002},
    {"text inside a message", frame(text, "a") + frame(fin | text, "b"), 1002},
    {"binary inside a message", frame(text, "a") + frame(binary, "b"), 1002},
    {"half a close code", frame(fin | close, "\x03"), 1002},
    {"close reason not utf-8", frame(fin | close, close_payload(1000, "\xff")), 1007},
    {"text not utf-8", frame(fin | text, "\xff"), 1007},
    {"text cut in a character", frame(fin | text, "\xc3"), 1007},
    {"fragments not utf-8", frame(text, "\xc3") + frame(fin | continuation, "x"), 1007},
    {"surrogate", frame(fin | text, "\xed\xa0\x80"), 1007},
    {"too big at once", frame(fin | text, std::string(bytes_max + 1, 'x')), 1009},
    {"too big in pieces", frame(text, std::string(bytes_max, 'x')) + frame(fin | continuation, "x"),
     1009},
    {"the longest length there is",
     "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"
     "mask",
     1009},
    {"length with its highest bit set", "\x81\xff\x80\0\0\0\0\0\0\1mask"s, 1002},
    {"length beyond all",
     "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff"
     "mask",
     1002},
    {"length that wraps around",
     "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xf2"
     "mask",
     1002},
    {"length 0 in two bytes", long_winded(2, ""), 1002},
    {"length 125 in two bytes", long_winded(2, std::string(125, 'x')), 1002},
    {"length 0 in eight bytes", long_winded(8, ""), 1002},
    {"length 126 in eight bytes", long_winded(8, std::string(126, 'x')), 1002},
    {"length 65535 in eight bytes", long_winded(8, std::string(65535, 'x')), 1002},
  };
  return all;
}

TEST(ws_reader, every_violation_has_its_code_and_nothing_comes_after_it) {
  for (const auto& v : violations()) {
    stream s;
    s.receive(frame(fin | text, "before") + v.bytes + frame(fin | text, "after"));
    EXPECT_THAT(s.seen.events, ElementsAre("text before", "violation " + std::to_string(v.code)))
      << v.what;
    s.receive(frame(fin | text, "later"));
    EXPECT_EQ(s.seen.events.size(), 2u) << v.what;
  }
}

TEST(ws_reader, a_violation_is_found_wherever_the_stream_is_cut) {
  for (const auto& v : violations()) {
    if (v.bytes.size() > 1000)
      continue;
    for (std::size_t cut = 0; cut <= v.bytes.size(); ++cut) {
      stream s;
      s.receive(std::string_view(v.bytes).substr(0, cut));
      s.receive(std::string_view(v.bytes).substr(cut));
      ASSERT_THAT(s.seen.events, ElementsAre("violation " + std::to_string(v.code)))
        << v.what << " cut at " << cut;
    }
  }
}

TEST(ws_reader, a_header_is_judged_before_its_payload_has_come) {
  for (const auto& v : violations()) {
    stream s;
    if (v.bytes[0] == static_cast<char>(fin | ping) || v.bytes[0] == static_cast<char>(fin | 3)) {
      s.receive(v.bytes.substr(0, 2));
      EXPECT_EQ(s.seen.violations, 1) << v.what;
    }
  }
  stream big;
  big.receive(frame(fin | text, std::string(bytes_max + 1, 'x')).substr(0, 10));
  EXPECT_EQ(big.seen.events, (list{"violation 1009"})) << "before a byte of it is kept";
}

TEST(ws_reader, a_message_may_be_as_long_as_the_limit_in_one_piece_or_many) {
  const std::string payload(1000, 'x');
  EXPECT_EQ(events(frame(fin | text, payload), 1000), (list{"text " + payload}));
  EXPECT_EQ(events(frame(fin | text, payload), 999), (list{"violation 1009"}));
  std::string pieces = frame(text, "");
  for (const char c : payload)
    pieces += frame(continuation, {c});
  pieces += frame(fin | continuation, "");
  EXPECT_EQ(events(pieces, 1000), (list{"text " + payload}));
  EXPECT_EQ(events(pieces, 999), (list{"violation 1009"}));
}

// A message in `count` fragments, each with `piece`.
std::string in_fragments(std::size_t count, const std::string& piece) {
  std::string out = frame(text, piece);
  for (std::size_t i = 2; i < count; ++i)
    out += frame(continuation, piece);
  return out + frame(fin | continuation, piece);
}

TEST(ws_reader, a_message_may_not_come_in_any_number_of_tiny_fragments) {
  EXPECT_EQ(events(in_fragments(1024, "")), (list{"text "}));
  EXPECT_EQ(events(in_fragments(1025, "")), (list{"violation 1008"}));
  EXPECT_EQ(events(in_fragments(1092, "x")), (list{"text " + std::string(1092, 'x')}));
  EXPECT_EQ(events(in_fragments(1093, "x")), (list{"violation 1008"}));
  EXPECT_EQ(events(in_fragments(6000, std::string(16, 'x'))),
            (list{"text " + std::string(96'000, 'x')}));
}

TEST(ws_reader, fragments_are_counted_anew_with_each_message) {
  const auto message = in_fragments(1000, "");
  EXPECT_EQ(events(message + message), (list{"text ", "text "}));
}

TEST(ws_reader, one_read_handles_only_so_many_frames) {
  const std::size_t most = ws_reader::frames_per_read;
  for (const auto& one : {frame(fin | ping, ""), frame(fin | pong, ""), frame(fin | text, "x")}) {
    std::string sent;
    for (std::size_t i = 0; i < 2 * most + 1; ++i)
      sent += one;
    ws_reader reader;
    witness seen;
    std::size_t done = 0;
    for (const std::size_t handled : {most, 2 * most, 2 * most + 1}) {
      done += reader.read(std::span(sent).subspan(done), bytes_max, seen);
      EXPECT_EQ(seen.events.size(), handled);
      EXPECT_EQ(done, handled * one.size());
      EXPECT_EQ(reader.paused(), handled <= 2 * most);
    }
  }
}

TEST(ws_reader, fragments_count_as_frames_of_a_read) {
  auto sent = in_fragments(200, "x");
  ws_reader reader;
  witness seen;
  const auto done = reader.read(sent, bytes_max, seen);
  EXPECT_EQ(done, ws_reader::frames_per_read * frame(text, "x").size());
  EXPECT_TRUE(reader.paused());
  reader.read(std::span(sent).subspan(done), bytes_max, seen);
  EXPECT_FALSE(reader.paused());
  EXPECT_EQ(seen.events, (list{"text " + std::string(200, 'x')}));
}

TEST(ws_reader, a_read_that_ends_with_the_bytes_is_not_paused) {
  std::string sent;
  for (int i = 0; i < ws_reader::frames_per_read; ++i)
    sent += frame(fin | ping, "");
  ws_reader reader;
  witness seen;
  EXPECT_EQ(reader.read(sent, bytes_max, seen), sent.size());
  EXPECT_FALSE(reader.paused()) << "there would be nothing to go on with";
}

TEST(ws_reader, a_character_may_be_cut_between_two_fragments) {
  EXPECT_EQ(events(frame(text, "\xf0\x9f") + frame(fin | continuation, "\x98\x80")),
            (list{"text \xf0\x9f\x98\x80"}));
}

TEST(ws_reader, a_frame_in_the_wrong_place_is_refused_by_its_header) {
  stream inside, nothing;
  inside.receive(frame(text, "a") + frame(fin | text, "bcd").substr(0, 2));
  EXPECT_EQ(inside.seen.events, list{"violation 1002"});
  nothing.receive(frame(fin | continuation, "bcd").substr(0, 2));
  EXPECT_EQ(nothing.seen.events, list{"violation 1002"});
}

TEST(ws_reader, binary_may_be_any_bytes) {
  EXPECT_EQ(events(frame(fin | binary, "\xff\xfe")), (list{"binary \xff\xfe"}));
  EXPECT_EQ(events(frame(binary, "\xff") + frame(fin | continuation, "\xfe")),
            (list{"binary \xff\xfe"}));
}

TEST(ws_reader, close_codes_are_those_of_the_standard) {
  for (unsigned code = 0; code <= 5100; ++code) {
    const bool allowed =
      (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
      (code >= 3000 && code <= 4999);
    const auto seen = events(frame(fin | close, close_payload(code)));
    ASSERT_EQ(seen, (list{allowed ? "close " + close_payload(code) : "violation 1002"s})) << code;
  }
  EXPECT_EQ(events(frame(fin | close, close_payload(0xffff))), (list{"violation 1002"}));
  EXPECT_EQ(events(frame(fin | close, "")), (list{"close "})) << "no code is fine";
}

TEST(ws_reader, the_longest_control_frames_pass) {
  const std::string payload(125, 'p');
  EXPECT_EQ(events(frame(fin | ping, payload)), (list{"ping " + payload}));
  const auto last = close_payload(1000, std::string(123, 'r'));
  EXPECT_EQ(events(frame(fin | close, last)), (list{"close " + last}));
}

} // namespace
} // namespace troupe
