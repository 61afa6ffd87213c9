// The memory that the generator's processes share: the conductor (the parent) sets the phase and
// the measured window, each worker reports its progress in its own row and, at the end, its
// results.
#pragma once

#include "histogram.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace troupe::bench {

enum class phase : std::uint32_t {
  wait,  // do nothing
  open,  // open all connections
  hold,  // keep them: answer pings, publish nothing
  probe, // publish until every audience has reached all its members
  run,   // publish as planned, from start_ns to until_ns
  drain, // publish nothing; wait for what is under way
  close, // close all connections
  stop   // write results and exit
};

struct worker_results {
  histogram latency;  // from when a message was due to when it was received
  histogram lateness; // from when it was due to when it was sent: the generator's own fault
  std::uint64_t delivered = 0; // while measuring
  std::uint64_t published = 0; // while measuring
  std::uint64_t reads = 0;     // that brought at least one of these deliveries
  std::uint64_t bytes = 0;     // of the payloads of these deliveries
  std::uint64_t delivered_ever = 0;
  std::uint64_t missing = 0;
  std::uint64_t doubled = 0;
  std::uint64_t disordered = 0;
  std::uint64_t strayed = 0;         // reached a member of another audience
  std::uint64_t failed_requests = 0; // HTTP publishes that were not answered with 2xx
  std::uint64_t pings = 0;           // that the server sent in frames
  std::uint64_t pongs_missing = 0;
  std::uint64_t churned = 0; // connections that came and went during the run
  std::array<char, 128> first_problem{};
};

struct alignas(64) worker_row {
  std::atomic<std::uint32_t> opened{0}; // connections open now
  std::atomic<std::uint32_t> failed{0}; // refused, or closed by the server
  std::atomic<std::uint32_t> ready{0};  // every audience has reached all members
  std::atomic<std::uint32_t> drained{0};
  std::atomic<std::uint64_t> accounted{0}; // deliveries so far: progress
  std::atomic<std::uint32_t> complete{
    0}; // broadcasts that all members here have, one after another
  worker_results results;
};

inline constexpr std::size_t workers_max = 64;
inline constexpr std::size_t spanning_publishers_max = 64;

struct control {
  alignas(64) std::atomic<phase> now{phase::wait};
  std::atomic<bool> measuring{false};
  std::atomic<std::uint64_t> base_ns{0};  // tokens count from here
  std::atomic<std::uint64_t> start_ns{0}; // the schedule begins
  std::atomic<std::uint64_t> from_ns{0};  // messages due from here ...
  std::atomic<std::uint64_t> until_ns{0}; // ... to here are measured; none is published later
  // How many messages each publisher of the spanning audience has sent: the other workers'
  // receivers know from it what they must get.
  alignas(64) std::array<std::atomic<std::uint32_t>, spanning_publishers_max> published{};
  std::atomic<bool> published_all{false};
  std::array<worker_row, workers_max> workers;
};

} // namespace troupe::bench
