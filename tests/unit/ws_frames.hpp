// Frames as a client sends them, and what a reader makes of them.
#pragma once

#include "server/net/ws_reader.hpp"

#include <gtest/gtest.h>

#include <climits>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::ws_test {

using namespace std::string_literals;
using list = std::vector<std::string>;

enum opcode : unsigned { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr unsigned fin = 0x80;
inline constexpr std::size_t bytes_max = 100'000;

// A frame as a client sends it. `first` is the first byte: opcode and flags.
inline std::string frame(unsigned first, std::string payload,
                         std::string_view mask = "\x37\xfa\x21\x3d") {
  std::string out(1, static_cast<char>(first));
  const auto size = payload.size();
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else {
    const int bytes = size < 65536 ? 2 : 8;
    out += static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i)
      out += static_cast<char>(size >> (8 * i));
  }
  out += mask;
  for (std::size_t i = 0; i < size; ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return out + payload;
}

// Writes down what it is told; takes a close for the end, as a connection does.
class witness final : public ws_reader::handler {
public:
  list events;
  int wanted = INT_MAX;

  bool wants_frames() override { return wanted > 0; }
  void on_message(bool is_text, std::string_view payload) override {
    note(is_text ? "text " : "binary ", payload);
  }
  void on_ping(std::string_view payload) override { note("ping ", payload); }
  void on_pong() override { note("pong", ""); }
  void on_close(std::string_view payload) override {
    note("close ", payload);
    wanted = 0;
  }
  void on_violation(close_code code, std::string_view) override {
    note("violation ", std::to_string(static_cast<int>(code)));
    ++violations;
  }
  int violations = 0;

private:
  void note(std::string what, std::string_view payload) {
    events.push_back(what.append(payload));
    --wanted;
  }
};

// A reader and the buffer it reads from. Each read gets a block of exactly the bytes that are
// there, so that the address sanitizer watches its end.
class stream {
public:
  void receive(std::string_view more) {
    waiting_.insert(waiting_.end(), more.begin(), more.end());
    do {
      std::vector<char> block(waiting_);
      block.shrink_to_fit();
      const auto done = reader_.read(block, limit, seen);
      ASSERT_LE(done, block.size());
      waiting_.assign(block.begin() + static_cast<std::ptrdiff_t>(done), block.end());
    } while (reader_.paused());
  }
  std::size_t waiting() const { return waiting_.size(); }

  witness seen;
  std::size_t limit = bytes_max;

private:
  ws_reader reader_;
  std::vector<char> waiting_;
};

inline list events(std::string_view bytes, std::size_t limit = bytes_max) {
  stream s;
  s.limit = limit;
  s.receive(bytes);
  return s.seen.events;
}

} // namespace troupe::ws_test
