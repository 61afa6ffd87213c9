// What does it cost to take a client's frame of 150 bytes apart (header, unmasking, UTF-8), alone
// and among 64 that came in one read? The time includes putting the masked bytes back, as they are
// unmasked in place: `copy` shows how much that is.
#include "per_item.hpp"
#include "server/net/ws_reader.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

namespace troupe {
namespace {

constexpr std::size_t frame_bytes = 150;
constexpr std::string_view key = "\x37\xfa\x21\x3d";

// As a client sends it, RFC 6455 section 5.2: a length of two bytes, then the key.
std::string masked_frame() {
  constexpr std::size_t payload = frame_bytes - 8;
  std::string out{'\x81', '\xfe', '\0', static_cast<char>(payload)};
  out += key;
  for (std::size_t i = 0; i < payload; ++i)
    out += static_cast<char>('a' ^ key[i % 4]);
  return out;
}

std::string frames(std::int64_t count) {
  std::string out;
  for (std::int64_t i = 0; i < count; ++i)
    out += masked_frame();
  return out;
}

struct counter final : ws_reader::handler {
  std::int64_t messages = 0;
  std::int64_t others = 0;

  bool wants_frames() override { return true; }
  void on_message(bool, std::string_view payload) override {
    benchmark::DoNotOptimize(payload.data());
    ++messages;
  }
  void on_ping(std::string_view) override { ++others; }
  void on_pong() override { ++others; }
  void on_close(std::string_view) override { ++others; }
  void on_violation(close_code, std::string_view) override { ++others; }
};

void read(benchmark::State& state) {
  const std::string sent = frames(state.range(0));
  std::vector<char> buffer(sent.size());
  ws_reader reader;
  counter seen;
  for (auto _ : state) {
    std::copy(sent.begin(), sent.end(), buffer.begin());
    reader.read(buffer, 64 * 1024, seen);
  }
  if (seen.others > 0 ||
      seen.messages != static_cast<std::int64_t>(state.iterations()) * state.range(0))
    state.SkipWithError("not every frame was read");
  micro::report_per_item(state, "per_frame", state.range(0));
}
BENCHMARK(read)->Arg(1)->Arg(64);

void copy(benchmark::State& state) {
  const std::string sent = frames(state.range(0));
  std::vector<char> buffer(sent.size());
  for (auto _ : state) {
    std::copy(sent.begin(), sent.end(), buffer.begin());
    benchmark::DoNotOptimize(buffer.data());
    benchmark::ClobberMemory();
  }
  micro::report_per_item(state, "per_frame", state.range(0));
}
BENCHMARK(copy)->Arg(1)->Arg(64);

} // namespace
} // namespace troupe
