#include "troupe/json/utf8.hpp"
#include "troupe/wire/websocket.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace troupe::websocket {
namespace {

using namespace std::string_literals;

const std::pair<std::size_t, std::string> lengths[] = {
  {0, "\x00"s},
  {1, "\x01"s},
  {125, "\x7d"s},
  {126, "\x7e\x00\x7e"s},
  {255, "\x7e\x00\xff"s},
  {256, "\x7e\x01\x00"s},
  {65535, "\x7e\xff\xff"s},
  {65536, "\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
  {16909060, "\x7f\x00\x00\x00\x00\x01\x02\x03\x04"s},
};

std::string header_of(opcode op, std::size_t payload, bool compressed = false) {
  std::string out = "before";
  append_header(out, op, payload, compressed);
  EXPECT_TRUE(out.starts_with("before"));
  return out.substr(6);
}

std::string frame_of(opcode op, const std::string& payload, bool compressed = false) {
  return header_of(op, payload.size(), compressed) + payload;
}

TEST(websocket, a_header_is_as_short_as_the_length_allows) {
  for (const auto& [payload, length] : lengths) {
    EXPECT_EQ(header_of(opcode::text, payload), "\x81" + length) << payload;
    EXPECT_EQ(header_of(opcode::text, payload, true), "\xc1" + length) << payload;
    EXPECT_EQ(header_of(opcode::binary, payload), "\x82" + length) << payload;
  }
  EXPECT_EQ(header_of(opcode::close, 2), "\x88\x02");
  EXPECT_EQ(header_of(opcode::ping, 0), "\x89\x00"s);
  EXPECT_EQ(header_of(opcode::pong, 5), "\x8a\x05");
}

TEST(websocket, a_header_is_put_right_before_its_payload) {
  for (const auto& [payload, length] : lengths) {
    std::string room(header_bytes_max + 1, '#');
    char* const payload_begin = room.data() + header_bytes_max;
    EXPECT_EQ(std::string(put_header(payload_begin, opcode::text, payload), payload_begin),
              "\x81" + length);
    EXPECT_EQ(room.find_first_not_of('#'), header_bytes_max - 1 - length.size());
    EXPECT_EQ(room.back(), '#');
  }
}

TEST(websocket, what_was_written_is_read) {
  for (const auto op : {opcode::text, opcode::binary, opcode::close, opcode::ping, opcode::pong})
    for (const auto& [payload, length] : lengths)
      for (const bool compressed : {false, true}) {
        const auto bytes = header_of(op, payload, compressed);
        const auto head = read_header(bytes);
        ASSERT_TRUE(head);
        EXPECT_EQ(head->op, op);
        EXPECT_EQ(head->compressed, compressed);
        EXPECT_TRUE(head->fin && head->shortest);
        EXPECT_FALSE(head->masked || head->reserved);
        EXPECT_EQ(head->size, bytes.size());
        EXPECT_EQ(head->payload, payload);
      }
}

TEST(websocket, a_clients_header_says_all_its_bits) {
  const auto head = read_header("\x31\x85----hello");
  ASSERT_TRUE(head);
  EXPECT_FALSE(head->fin || head->compressed);
  EXPECT_TRUE(head->reserved && head->masked);
  EXPECT_EQ(head->op, opcode::text);
  EXPECT_EQ(head->size, 2 + mask_bytes);
  EXPECT_EQ(head->payload, 5u);
  EXPECT_TRUE(read_header("\x11\x00"s)->reserved);
  EXPECT_TRUE(read_header("\x21\x00"s)->reserved);
}

TEST(websocket, half_a_header_has_no_size) {
  EXPECT_FALSE(read_header(""));
  EXPECT_FALSE(read_header("\x81"));
  for (const auto& whole : {"\x81\xfe\x01\x00"s, "\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00"s}) {
    for (std::size_t n = 2; n < whole.size(); ++n) {
      const auto head = read_header(std::string_view(whole).substr(0, n));
      ASSERT_TRUE(head);
      EXPECT_EQ(head->op, opcode::text);
      EXPECT_EQ(head->size, 0u) << n;
      EXPECT_TRUE(head->shortest);
    }
    EXPECT_EQ(read_header(whole)->size, whole.size() + mask_bytes);
  }
}

TEST(websocket, a_length_that_could_be_shorter_is_told) {
  EXPECT_FALSE(read_header("\x81\x7e\x00\x00"s)->shortest);
  EXPECT_FALSE(read_header("\x81\x7e\x00\x7d"s)->shortest);
  EXPECT_TRUE(read_header("\x81\x7e\x00\x7e"s)->shortest);
  EXPECT_FALSE(read_header("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"s)->shortest);
  EXPECT_TRUE(read_header("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s)->shortest);
  EXPECT_EQ(read_header("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff")->payload, UINT64_MAX);
}

TEST(websocket, opcodes_are_known_or_not) {
  for (unsigned op = 0; op < 16; ++op) {
    EXPECT_EQ(is_known(static_cast<opcode>(op)), op <= 2 || (op >= 8 && op <= 10)) << op;
    EXPECT_EQ(is_control(static_cast<opcode>(op)), op >= 8) << op;
  }
}

TEST(websocket, a_frames_payload_lies_behind_its_header) {
  for (const auto& [size, length] : lengths) {
    const auto frame = frame_of(opcode::text, std::string(size, 'x'));
    const auto payload = payload_of(frame);
    EXPECT_EQ(payload.size(), size);
    EXPECT_EQ(payload.data() + size, frame.data() + frame.size());
  }
}

TEST(websocket, only_one_whole_plain_text_frame_is_a_whole_text) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    const std::string payload(size, 'x');
    const auto frame = frame_of(opcode::text, payload);
    ASSERT_TRUE(whole_text(frame)) << size;
    EXPECT_TRUE(*whole_text(frame) == payload);
    EXPECT_FALSE(whole_text(frame + "y")) << "something follows";
    EXPECT_FALSE(whole_text(frame + frame_of(opcode::ping, ""))) << "something follows";
    EXPECT_FALSE(whole_text(std::string_view(frame).substr(0, frame.size() - 1))) << "cut off";
  }
  EXPECT_FALSE(whole_text(""));
  EXPECT_FALSE(whole_text("\x81"));
  EXPECT_FALSE(whole_text("\x81\x7e\x01")) << "half a header";
  EXPECT_FALSE(whole_text("\x01\x01x")) << "more is to follow";
  EXPECT_FALSE(whole_text("\x81\x81....x")) << "masked";
  EXPECT_FALSE(whole_text(frame_of(opcode::text, "x", true))) << "compressed";
  EXPECT_FALSE(whole_text("\x91\x01x")) << "a reserved bit";
  for (const auto op : {opcode::continuation, opcode::binary, opcode::close, opcode::pong})
    EXPECT_FALSE(whole_text(frame_of(op, "x")));
  EXPECT_FALSE(whole_text("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
}

TEST(websocket, pongs_are_told_from_other_frames) {
  EXPECT_TRUE(is_pong(frame_of(opcode::pong, "")));
  EXPECT_TRUE(is_pong(frame_of(opcode::pong, "hello")));
  EXPECT_FALSE(is_pong(""));
  EXPECT_FALSE(is_pong(frame_of(opcode::ping, "")));
  EXPECT_FALSE(is_pong(frame_of(opcode::text, "\x8a")));
  EXPECT_FALSE(is_pong(frame_of(opcode::pong, "", true)));
}

TEST(websocket, a_mask_comes_off_whatever_the_length_and_the_place) {
  const std::string mask = "\x37\xfa\x21\x3d";
  for (std::size_t size = 0; size < 40; ++size)
    for (std::size_t place = 0; place < 8; ++place) {
      std::string plain, buffer(place, '#');
      buffer += mask;
      for (std::size_t i = 0; i < size; ++i) {
        plain += static_cast<char>('a' + i);
        buffer += static_cast<char>(plain.back() ^ mask[i % 4]);
      }
      buffer += '#';
      char* const payload = buffer.data() + place + mask_bytes;
      unmask({payload, size}, payload - mask_bytes);
      EXPECT_EQ(buffer, std::string(place, '#') + mask + plain + '#');
    }
}

TEST(websocket, a_close_payload_has_code_and_reason) {
  EXPECT_EQ(close_payload(1000, ""), "\x03\xe8");
  EXPECT_EQ(close_payload(4409, "slow"), "\x11\x39slow");
  const auto read = read_close("\x11\x39slow");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code, 4409);
  EXPECT_EQ(read->reason, "slow");
  EXPECT_EQ(read_close("\x03\xe8")->reason, "");
  EXPECT_FALSE(read_close(""));
  EXPECT_FALSE(read_close("\x03"));
}

TEST(websocket, a_reason_is_cut_between_two_characters) {
  EXPECT_EQ(close_payload(1000, std::string(123, 'r')).size(), control_bytes_max);
  EXPECT_EQ(close_payload(1000, std::string(124, 'r')).size(), control_bytes_max);
  for (const std::string character : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    for (std::size_t before = 118; before <= 124; ++before) {
      std::string reason(before, 'r');
      for (int i = 0; i < 4; ++i)
        reason += character;
      const auto payload = close_payload(1000, reason);
      const auto kept = read_close(payload)->reason;
      EXPECT_TRUE(valid_utf8(kept)) << before << " " << character;
      EXPECT_LE(kept.size(), reason_bytes_max);
      EXPECT_GT(kept.size() + character.size(), reason_bytes_max) << "more is cut than need be";
      EXPECT_TRUE(reason.starts_with(kept));
    }
}

TEST(websocket, close_codes_are_those_that_may_be_sent) {
  for (const std::uint16_t code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999})
    EXPECT_TRUE(valid_close_code(code)) << code;
  for (const std::uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535})
    EXPECT_FALSE(valid_close_code(code)) << code;
}

} // namespace
} // namespace troupe::websocket
