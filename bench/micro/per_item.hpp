// How the micro-benchmarks report: the time of one item, whatever an iteration does. Pure.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace troupe::micro {

/// Adds a column with the time of one item; an iteration handled `items` of them.
inline void report_per_item(benchmark::State& state, const std::string& column,
                            std::int64_t items) {
  state.counters[column] =
    benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(items),
                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

} // namespace troupe::micro
