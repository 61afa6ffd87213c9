// What does a frame cost on its way through a connection's outbox (pushed, gathered, consumed),
// alone and among 64 that leave together?
#include "per_item.hpp"
#include "troupe/delivery/outbox.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <string>

namespace troupe {
namespace {

void push_gather_consume(benchmark::State& state) {
  const frame_ref frame{text_frame(std::string(150, 'x'))};
  const auto queued = state.range(0);
  std::array<iovec, 128> parts;
  outbox box;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < queued; ++i)
      box.push(frame, std::size_t{1} << 20);
    std::size_t bytes = 0;
    for (std::size_t i = 0, n = box.gather(parts); i < n; ++i)
      bytes += parts[i].iov_len;
    benchmark::DoNotOptimize(parts);
    box.consume(bytes);
  }
  if (!box.empty())
    state.SkipWithError("something was left");
  micro::report_per_item(state, "per_frame", queued);
}
BENCHMARK(push_gather_consume)->Arg(1)->Arg(64);

} // namespace
} // namespace troupe
