// Any bytes from a socket, in pieces of any size: the same events as in one piece, nothing too
// long, no text that is not UTF-8, nothing after the end. The first two bytes choose the limit and
// the pieces.
#include "server/net/ws_reader.hpp"
#include "tests/fuzz/check.hpp"
#include "troupe/json/utf8.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {
namespace {

using test::check;

class witness final : public ws_reader::handler {
public:
  explicit witness(std::size_t limit) : limit_(limit) {}

  std::vector<std::string> events;

  bool wants_frames() override { return !closed_; }
  void on_message(bool text, std::string_view payload) override {
    check(payload.size() <= limit_, "a message is within the limit");
    check(!text || valid_utf8(payload), "a text is UTF-8");
    note(text ? "text " : "binary ", payload);
  }
  void on_ping(std::string_view payload) override {
    check(payload.size() <= 125, "a ping is short");
    note("ping ", payload);
  }
  void on_pong() override { note("pong", ""); }
  void on_close(std::string_view payload) override {
    check(payload.size() != 1 && payload.size() <= 125, "a close has a whole code");
    note("close ", payload);
    closed_ = true;
  }
  void on_violation(close_code code, std::string_view) override {
    note("violation ", std::to_string(static_cast<int>(code)));
    violated_ = true;
  }

private:
  void note(std::string what, std::string_view payload) {
    check(!violated_ && !closed_, "nothing comes after the end");
    events.push_back(what.append(payload));
  }

  const std::size_t limit_;
  bool violated_ = false;
  bool closed_ = false;
};

// Reads `bytes` in pieces: none longer than `piece_max`, 0 for one piece.
std::vector<std::string> events_of(std::string_view bytes, std::size_t limit,
                                   std::size_t piece_max) {
  ws_reader reader;
  witness seen(limit);
  std::vector<char> waiting;
  std::uint32_t dice = static_cast<std::uint32_t>(piece_max);
  while (!bytes.empty()) {
    dice = dice * 1664525 + 1013904223;
    const std::size_t size =
      piece_max == 0 ? bytes.size() : std::min(bytes.size(), 1 + (dice >> 8) % piece_max);
    waiting.insert(waiting.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes.remove_prefix(size);
    do {
      // A block of exactly the bytes that are there, watched by the address sanitizer.
      std::vector<char> block(waiting);
      const auto done = reader.read(block, limit, seen);
      check(done <= block.size(), "no more is done than there is");
      check(!reader.paused() || done > 0, "a pause comes after frames");
      waiting.assign(block.begin() + static_cast<std::ptrdiff_t>(done), block.end());
    } while (reader.paused());
  }
  return seen.events;
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  if (size < 2)
    return 0;
  const std::size_t limit = std::size_t{data[0]} * 4;
  const std::size_t piece_max = 1 + data[1] % 64u;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  test::check(events_of(bytes, limit, 0) == events_of(bytes, limit, piece_max),
              "pieces make no difference");
  return 0;
}
