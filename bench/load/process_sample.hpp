// What a process has used so far, read from /proc: processor time over all its threads, memory.
#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace troupe::bench {

struct process_sample {
  bool found = true;         // false when any of the processes could not be read
  std::uint64_t cpu_ns = 0;  // user + system
  std::uint64_t user_ns = 0; // the kernel's estimate of the split, in clock ticks
  std::uint64_t system_ns = 0;
  std::uint64_t rss_bytes = 0;
  std::uint64_t pss_bytes = 0; // proportional share: does not count shared pages twice
  std::uint32_t threads = 0;
};

// Sums over all processes. `with_pss` costs the kernel a walk over the whole address space.
process_sample sample_processes(const std::vector<pid_t>& pids, bool with_pss);

// Processor time between two samples; exact to the nanosecond while no thread ended in between.
struct cpu_use {
  double total_ns = 0;
  double user_ns = 0;
  double system_ns = 0;
};
cpu_use cpu_between(const process_sample& before, const process_sample& after);

} // namespace troupe::bench
