// CPU time of a process and of those who work for it. Linux only; belongs to the measured process.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::bench {

/// CPU times since each began, µs.
struct cpu_times {
  double process;  ///< this one, with the kernel's thread for IORING_SETUP_SQPOLL
  double poller;   ///< of `process`, in that thread
  double softirqd; ///< the kernel's threads for network work that was put off; all of the machine
  double receiver; ///< the process at the other end
};

/// Knows whose time to look at. Made when all of them are there.
class cpu_clock {
public:
  explicit cpu_clock(pid_t receiver);

  cpu_times now() const;

private:
  using files = std::vector<std::string>;

  files poller_;
  files softirqd_;
  files receiver_;
};

/// User and system time of this process, µs.
double process_cpu();

} // namespace troupe::bench
