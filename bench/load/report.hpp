// The figures of one run, and how they are shown: a table for people, one JSON object for programs.
// Pure.
#pragma once

#include "control.hpp"
#include "plan.hpp"
#include "process_sample.hpp"

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace troupe::bench {

struct report {
  std::uint32_t connections = 0;
  double connect_seconds = 0;
  double measured_seconds = 0;

  cpu_use server_cpu; // over the measured window
  cpu_use generator_cpu;
  process_sample server_before;     // before the first connection
  process_sample server_connected;  // with all connected, before any message
  process_sample server_start;      // when measuring began
  process_sample server_end;        // when it ended
  std::uint64_t server_rss_max = 0; // seen while measuring

  std::vector<double> broadcast_seconds; // idle: each, from when it was sent until all had it
  cpu_use broadcast_cpu;                 // of the server, for all of them

  cpu_use setup_cpu;    // churn: opening all connections, over the counted cycles
  cpu_use teardown_cpu; // closing them
  std::uint64_t setups = 0;

  std::unique_ptr<worker_results> results = std::make_unique<worker_results>(); // of all workers
  std::vector<std::string> problems;

  // Nothing missing, doubled, out of order or astray, and nobody was turned away.
  bool passed() const;
};

void print_table(std::ostream& out, const plan& p, const report& r);
void print_json(std::ostream& out, const plan& p, const report& r);

} // namespace troupe::bench
