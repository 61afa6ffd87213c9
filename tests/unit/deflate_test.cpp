// What compression makes of messages, and what it makes of what a client sends. The negotiation is
// in handshake_test.
#include "server/net/deflate.hpp"
#include "server/net/ws_reader.hpp"
#include "troupe/delivery/lossy_audience.hpp"

#include <caf/make_counted.hpp>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include <zlib.h>

namespace troupe {
namespace {

using namespace std::string_literals;
using list = std::vector<std::string>;

constexpr std::size_t bytes_max = 100'000;

deflate_settings settings(std::uint32_t level = 3, std::uint32_t window_bits = 12,
                          std::size_t min_bytes = 1) {
  return {.enabled = true, .level = level, .window_bits = window_bits, .min_bytes = min_bytes};
}

std::string text_of(const result<std::string_view, close_code>& unpacked) {
  if (!unpacked)
    return "close " + std::to_string(static_cast<int>(unpacked.error()));
  return "text " + std::string(*unpacked);
}

std::string unpacked(std::string_view payload, std::size_t limit = bytes_max) {
  deflate_codec codec(settings());
  return text_of(codec.unpack(payload, limit));
}

// What zlib makes of `text`, ended in one way or the other.
std::string deflated(std::string_view text, int flush = Z_SYNC_FLUSH, int level = 6) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string in(text), out(compressBound(text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, flush);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  if (flush == Z_SYNC_FLUSH)
    out.resize(out.size() - 4);
  return out;
}

std::string chat_text(std::size_t bytes) {
  std::string text = R"({"type":"message","room":"lobby","message":")";
  for (int i = 0; text.size() + 2 < bytes; ++i)
    text += "The line number " + std::to_string(i * i) + " is not the last one. ";
  text.resize(bytes - 2);
  return text + "\"}";
}

std::string noise(std::size_t bytes, std::uint32_t seed = 1) {
  std::mt19937 dice(seed);
  std::string out(bytes, '\0');
  for (char& c : out)
    c = static_cast<char>(dice() & 0xff);
  return out;
}

std::string bytes_of(const frame_ref& what) {
  return {what.data(), what.size()};
}

// The payload of a whole compressed text frame whose header is as short as its length allows.
std::string compressed_payload(const std::string& frame) {
  EXPECT_EQ(frame[0], '\xc1');
  const auto at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(frame[i])}; };
  std::size_t size = at(1), header = 2;
  if (at(1) == 126) {
    header = 4;
    size = at(2) << 8 | at(3);
    EXPECT_GE(size, 126u);
  } else if (at(1) == 127) {
    header = 10;
    size = 0;
    for (std::size_t i = 2; i < 10; ++i)
      size = size << 8 | at(i);
    EXPECT_GE(size, 65536u);
  }
  EXPECT_EQ(frame.size(), header + size);
  return frame.substr(header);
}

// -- sending -----------------------------------------------------------------------------------------

TEST(deflate, what_is_packed_comes_back_at_every_level_and_window) {
  for (std::uint32_t level = 1; level <= 9; ++level)
    for (std::uint32_t window_bits = 9; window_bits <= 15; ++window_bits) {
      deflate_codec codec(settings(level, window_bits));
      for (const std::size_t size : {300u, 3000u, 60'000u}) {
        const auto text = chat_text(size);
        const auto sent = bytes_of(codec.pack(frame_ref{text_frame(text)}));
        ASSERT_LT(sent.size(), size) << level << " " << window_bits;
        ASSERT_EQ(text_of(codec.unpack(compressed_payload(sent), size)), "text " + text)
          << level << " " << window_bits << " " << size;
      }
    }
}

TEST(deflate, the_header_is_as_short_as_the_length_allows) {
  deflate_codec codec(settings(1));
  std::set<std::size_t> sizes;
  const auto try_one = [&](std::size_t noisy, std::uint32_t seed) {
    const auto text = noise(noisy, seed) + std::string(1000, 'x');
    const auto payload = compressed_payload(bytes_of(codec.pack(frame_ref{text_frame(text)})));
    ASSERT_TRUE(text_of(codec.unpack(payload, text.size())) == "text " + text) << payload.size();
    sizes.insert(payload.size());
  };
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    for (std::size_t noisy = 80; noisy < 130; ++noisy)
      try_one(noisy, seed);
    for (std::size_t noisy = 65'280; noisy < 65'360; ++noisy)
      try_one(noisy, seed);
  }
  for (const std::size_t edge : {125u, 126u, 65'535u, 65'536u})
    EXPECT_TRUE(sizes.contains(edge)) << edge;
}

TEST(deflate, no_repetition_is_taken_from_beyond_the_window_that_was_promised) {
  const auto text = noise(2000) + noise(2000) + chat_text(8000) + noise(600) + noise(600);
  for (std::uint32_t bits = 9; bits <= 15; ++bits) {
    deflate_codec codec(settings(9, bits));
    auto payload = compressed_payload(bytes_of(codec.pack(frame_ref{text_frame(text)})));
    payload += "\x00\x00\xff\xff"s;
    z_stream z{};
    ASSERT_EQ(inflateInit2(&z, -static_cast<int>(bits)), Z_OK);
    std::string out;
    z.next_in = reinterpret_cast<Bytef*>(payload.data());
    z.avail_in = static_cast<uInt>(payload.size());
    int result = Z_OK;
    while (result == Z_OK) {
      // In small pieces: what is already out is only there as far as the window reaches.
      char piece[64];
      z.next_out = reinterpret_cast<Bytef*>(piece);
      z.avail_out = sizeof piece;
      result = inflate(&z, Z_SYNC_FLUSH);
      out.append(piece, sizeof piece - z.avail_out);
    }
    EXPECT_EQ(result, Z_BUF_ERROR) << bits;
    EXPECT_TRUE(out == text) << bits;
    inflateEnd(&z);
  }
}

TEST(deflate, a_frame_is_packed_once_for_all_its_holders) {
  deflate_codec codec(settings());
  const frame_ref first{text_frame(chat_text(1000))};
  const frame_ref copy = first;
  const auto packed = codec.pack(first);
  EXPECT_NE(packed.data(), first.data());
  EXPECT_EQ(codec.pack(copy).data(), packed.data());
  EXPECT_EQ(bytes_of(first), text_frame(chat_text(1000))->bytes()) << "those without see no change";
}

TEST(deflate, a_form_may_be_the_last_to_go) {
  deflate_codec codec(settings());
  frame_ref packed;
  {
    const frame_ref whole{text_frame(chat_text(1000))};
    packed = codec.pack(whole);
  }
  EXPECT_EQ(text_of(codec.unpack(compressed_payload(bytes_of(packed)), 1000)),
            "text " + chat_text(1000));
}

TEST(deflate, a_frame_that_may_be_dropped_stays_one) {
  deflate_codec codec(settings());
  const auto of = std::make_shared<lossy_audience>();
  const frame_ref whole{{nullptr, text_frame(chat_text(1000))}, of, 7};
  const auto packed = codec.pack(whole);
  EXPECT_NE(packed.data(), whole.data());
  EXPECT_EQ(packed.of(), of.get());
}

TEST(deflate, what_is_short_or_does_not_shrink_is_sent_as_it_is) {
  deflate_codec codec(settings(9, 15, 256));
  for (const auto& text : {chat_text(255), noise(256), noise(5000), noise(100'000)}) {
    const frame_ref plain{text_frame(text)};
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(codec.pack(plain).data(), plain.data()) << text.size();
  }
  const frame_ref long_enough{text_frame(chat_text(256))};
  EXPECT_NE(codec.pack(long_enough).data(), long_enough.data());
}

TEST(deflate, only_a_single_text_frame_is_packed) {
  deflate_codec codec(settings());
  const auto text = text_frame(chat_text(1000));
  const auto raw = [](std::string bytes) {
    return frame_ptr{caf::make_counted<frame>(std::move(bytes), std::size_t{0})};
  };
  const std::string filling(100, 'x');
  for (const auto& what :
       {joined_frames(text, ping_frame()), joined_frames(text, close_frame(close_code::normal, "")),
        joined_frames(text, text), joined_frames(ping_frame(), text), pong_frame(filling),
        close_frame(close_code::normal, filling), raw("\x82\x64" + filling),
        raw("\x01\x64" + filling), raw("\xc1\x64" + filling), raw("\x81\x7f" + filling),
        raw("\x81\x63" + filling), raw("\x81\xe4" + filling), raw("HTTP/1.1 101 " + filling),
        raw("\x81"), raw("\x81\x7e"), raw("")}) {
    const frame_ref plain{what};
    EXPECT_EQ(codec.pack(plain).data(), plain.data()) << what->bytes();
  }
}

// -- receiving ---------------------------------------------------------------------------------------

TEST(deflate, the_examples_of_the_standard) {
  EXPECT_EQ(unpacked("\xf2\x48\xcd\xc9\xc9\x07\x00"s), "text Hello") << "7.2.3.1";
  EXPECT_EQ(unpacked("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s), "text Hello") << "7.2.3.3";
  EXPECT_EQ(unpacked("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), "text Hello") << "7.2.3.4";
  EXPECT_EQ(unpacked("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s), "text Hello")
    << "7.2.3.5";
  EXPECT_EQ(unpacked("\x00"s), "text ") << "7.2.3.6";
}

TEST(deflate, an_early_last_block_is_followed_by_an_empty_one_and_nothing_else) {
  const auto text = chat_text(500);
  const auto ended = deflated(text, Z_FINISH);
  EXPECT_EQ(unpacked(ended + "\x00"s), "text " + text);
  EXPECT_EQ(unpacked(ended), "close 1007");
  EXPECT_EQ(unpacked(ended + "\x01"), "close 1007");
  EXPECT_EQ(unpacked(ended + "\x00\x00"s), "close 1007");
  EXPECT_EQ(unpacked(ended + "garbage"), "close 1007");
  EXPECT_EQ(unpacked(ended + deflated("more")), "close 1007");
  EXPECT_EQ(unpacked(ended + ended + "\x00"s), "close 1007");
}

TEST(deflate, data_that_breaks_off_is_refused_wherever_that_is) {
  const auto text = chat_text(700);
  for (const auto& whole :
       {deflated(text), deflated(text, Z_SYNC_FLUSH, 0), deflated(text, Z_FINISH) + "\x00"s}) {
    ASSERT_EQ(unpacked(whole), "text " + text);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const bool empty_message = whole.substr(0, size) == "\x00"s;
      ASSERT_EQ(unpacked(whole.substr(0, size)), empty_message ? "text " : "close 1007")
        << size << " of " << whole.size();
    }
  }
}

TEST(deflate, garbage_is_refused) {
  for (const auto& garbage : {""s, "\xff"s, "\x07garbage"s, "{\"type\":\"ping\"}"s,
                              std::string(1000, '\xff'), "\x00\x05\x00\xfa\xfeHello\x00"s}) {
    EXPECT_EQ(unpacked(garbage), "close 1007") << testing::PrintToString(garbage);
  }
}

TEST(deflate, whatever_comes_does_not_spoil_what_comes_next) {
  deflate_codec codec(settings());
  const auto text = chat_text(600);
  const auto fine = deflated(text);
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    auto broken = seed % 2 == 0 ? noise(1 + seed % 300, seed) : fine;
    broken[seed % broken.size()] = static_cast<char>(seed >> 3);
    const auto result = codec.unpack(broken, 1000);
    ASSERT_LE(text_of(result).size(), 1005u);
    ASSERT_EQ(text_of(codec.unpack(fine, 600)), "text " + text) << seed;
  }
}

TEST(deflate, nothing_is_carried_over_from_one_message_to_the_next) {
  // The second message of a client that carries its window over refers back into the first.
  const auto text = noise(300);
  z_stream z{};
  ASSERT_EQ(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  list messages;
  for (int i = 0; i < 2; ++i) {
    std::string in = text, out(1000, '\0');
    z.next_in = reinterpret_cast<Bytef*>(in.data());
    z.avail_in = static_cast<uInt>(in.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    ASSERT_EQ(deflate(&z, Z_SYNC_FLUSH), Z_OK);
    messages.push_back(out.substr(0, out.size() - z.avail_out - 4));
  }
  deflateEnd(&z);
  deflate_codec codec(settings());
  EXPECT_EQ(text_of(codec.unpack(messages[0], 1000)), "text " + text);
  EXPECT_EQ(text_of(codec.unpack(messages[1], 1000)), "close 1007");
}

TEST(deflate, a_message_may_be_as_long_as_the_limit) {
  for (const std::size_t size : {1u, 127u, 4095u, 4096u, 4097u, 8192u, 65'536u, 1'000'000u}) {
    const auto payload = deflated(std::string(size, 'x'));
    EXPECT_TRUE(unpacked(payload, size) == "text " + std::string(size, 'x')) << size;
    EXPECT_EQ(unpacked(payload, size - 1), "close 1009") << size;
  }
}

TEST(deflate, a_bomb_is_not_inflated_beyond_the_limit) {
  const auto bomb = deflated(std::string(100'000'000, '\0'), Z_SYNC_FLUSH, 9);
  EXPECT_LT(bomb.size(), 110'000u);
  deflate_codec codec(settings());
  // Each would take a third of a second if it went on to the end.
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(text_of(codec.unpack(bomb, 65'536)), "close 1009");
  EXPECT_EQ(text_of(codec.unpack(deflated("alive"), 5)), "text alive");
}

// -- in frames ---------------------------------------------------------------------------------------

enum opcode : unsigned {
  continuation = 0,
  text = 1,
  binary = 2,
  close_op = 8,
  ping = 9,
  pong = 10
};

constexpr unsigned fin = 0x80;
constexpr unsigned rsv1 = 0x40;

std::string masked(unsigned first, std::string payload) {
  EXPECT_LT(payload.size(), 126u);
  constexpr std::string_view mask = "\x37\xfa\x21\x3d";
  std::string out{static_cast<char>(first), static_cast<char>(0x80 | payload.size())};
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return out + payload;
}

class witness final : public ws_reader::handler {
public:
  explicit witness(std::size_t limit) : limit_(limit) {}
  list events;

  bool wants_frames() override { return true; }
  void on_message(bool is_text, std::string_view payload) override {
    events.push_back((is_text ? "text " : "binary ") + std::string(payload));
  }
  bool takes_compressed() override { return limit_ > 0; }
  result<std::string_view, close_code> decompress(std::string_view payload) override {
    return codec_.unpack(payload, limit_);
  }
  void on_ping(std::string_view payload) override {
    events.push_back("ping " + std::string(payload));
  }
  void on_pong() override { events.emplace_back("pong"); }
  void on_close(std::string_view) override { events.emplace_back("close"); }
  void on_violation(close_code code, std::string_view) override {
    events.push_back("violation " + std::to_string(static_cast<int>(code)));
  }

private:
  const std::size_t limit_; // 0: compression was not agreed on
  deflate_codec codec_{settings()};
};

// In one piece, and byte by byte.
list events(std::string bytes, std::size_t limit = 1000) {
  list seen[2];
  for (const bool whole : {true, false}) {
    ws_reader reader;
    witness to(limit);
    std::string waiting;
    auto in = bytes;
    if (whole) {
      reader.read(in, bytes_max, to);
    } else {
      for (const char c : in) {
        waiting += c;
        waiting.erase(0, reader.read(waiting, bytes_max, to));
      }
    }
    seen[whole] = to.events;
  }
  EXPECT_EQ(seen[0], seen[1]);
  return seen[0];
}

TEST(deflate_frames, compressed_and_plain_messages_may_be_mixed) {
  EXPECT_EQ(events(masked(fin | rsv1 | text, deflated("one")) + masked(fin | text, "two") +
                   masked(fin | rsv1 | binary, deflated("\xff")) +
                   masked(fin | rsv1 | text, deflated(""))),
            (list{"text one", "text two", "binary \xff", "text "}));
}

TEST(deflate_frames, a_compressed_message_may_come_in_fragments) {
  const auto payload = deflated("a message in pieces");
  for (std::size_t cut = 0; cut <= payload.size(); ++cut)
    EXPECT_EQ(events(masked(rsv1 | text, payload.substr(0, cut)) + masked(fin | ping, "between") +
                     masked(fin | continuation, payload.substr(cut))),
              (list{"ping between", "text a message in pieces"}))
      << cut;
  std::string pieces = masked(rsv1 | text, "");
  for (const char c : payload)
    pieces += masked(continuation, {c});
  EXPECT_EQ(events(pieces + masked(fin | continuation, "") + masked(fin | text, "next")),
            (list{"text a message in pieces", "text next"}));
}

TEST(deflate_frames, the_bit_is_only_for_the_first_frame_of_a_message) {
  const list refused{"violation 1002"};
  EXPECT_EQ(events(masked(rsv1 | text, "x") + masked(fin | rsv1 | continuation, "y")), refused);
  EXPECT_EQ(events(masked(text, "x") + masked(fin | rsv1 | continuation, "y")), refused);
  EXPECT_EQ(events(masked(fin | rsv1 | continuation, "y")), refused);
  for (const unsigned op : {close_op, ping, pong})
    EXPECT_EQ(events(masked(fin | rsv1 | op, "")), refused) << op;
  for (const unsigned bits : {0x20u, 0x10u, rsv1 | 0x20u, rsv1 | 0x10u})
    EXPECT_EQ(events(masked(fin | bits | text, deflated("x"))), refused) << bits;
}

TEST(deflate_frames, without_agreement_the_bit_is_refused) {
  EXPECT_EQ(events(masked(fin | rsv1 | text, deflated("x")), 0), (list{"violation 1002"}));
}

TEST(deflate_frames, what_comes_out_must_be_utf8_within_the_limit) {
  EXPECT_EQ(events(masked(fin | rsv1 | text, deflated("caf\xc3\xa9"))), (list{"text caf\xc3\xa9"}));
  EXPECT_EQ(events(masked(fin | rsv1 | text, deflated("caf\xc3"))), (list{"violation 1007"}));
  EXPECT_EQ(events(masked(fin | rsv1 | text, "\xff\xff")), (list{"violation 1007"}));
  EXPECT_EQ(events(masked(fin | rsv1 | text, deflated(std::string(1001, 'x')))),
            (list{"violation 1009"}));
  EXPECT_EQ(events(masked(fin | rsv1 | text, deflated(std::string(1000, 'x')))),
            (list{"text " + std::string(1000, 'x')}));
}

TEST(deflate_frames, nothing_comes_after_what_was_refused) {
  EXPECT_EQ(events(masked(fin | rsv1 | text, "\xff\xff") + masked(fin | text, "later")),
            (list{"violation 1007"}));
}

} // namespace
} // namespace troupe
