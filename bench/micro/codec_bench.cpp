// What do reading a chat message and writing the frame for the room cost, and what would they cost
// through a JSON library's tree of values?
#include "troupe/json/json_text.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/event_frame.hpp"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace troupe {
namespace {

constexpr std::string_view said =
  R"({"type":"message","room":"lobby","user":"ada","message":"a hundred bytes of what people say to )"
  R"(each other: hello, how are you, did you see that, good night"})";
constexpr std::string_view content =
  R"("a hundred bytes of what people say to each other: hello, how are you, did you see that, good )"
  R"(night")";

void decode_message(benchmark::State& state) {
  const limits bounds;
  for (auto _ : state) {
    auto frame = decode(said, bounds);
    benchmark::DoNotOptimize(frame);
  }
  if (!decode(said, bounds))
    state.SkipWithError("refused");
}
BENCHMARK(decode_message);

void parse_message_with_nlohmann(benchmark::State& state) {
  for (auto _ : state) {
    auto frame = nlohmann::json::parse(said);
    benchmark::DoNotOptimize(frame);
  }
}
BENCHMARK(parse_message_with_nlohmann);

void encode_room_event(benchmark::State& state) {
  const auto now = wall_now();
  std::uint64_t offset = 0;
  for (auto _ : state) {
    json_fields fields;
    fields.text("user", "ada").raw("message", content);
    auto frame = encode(events::room_event{
      "message", "lobby", std::string(fields.view()), {}, "abcdefghijklm", now, ++offset});
    benchmark::DoNotOptimize(frame);
  }
}
BENCHMARK(encode_room_event);

// Without the WebSocket header, and with a time stamp that is already text.
void encode_room_event_with_nlohmann(benchmark::State& state) {
  const auto message = nlohmann::json::parse(content);
  std::uint64_t offset = 0;
  for (auto _ : state) {
    nlohmann::json event{{"type", "message"},  {"room", "lobby"},
                         {"user", "ada"},      {"message", message},
                         {"offset", ++offset}, {"timestamp", "2026-01-01T00:00:00.000Z"}};
    auto text = event.dump();
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(encode_room_event_with_nlohmann);

} // namespace
} // namespace troupe
