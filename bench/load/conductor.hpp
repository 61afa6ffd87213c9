// Starts the workers as processes, leads them through the phases of a plan, and measures the server
// from outside meanwhile. Runs in the parent process, which does no I/O of its own.
#pragma once

#include "control.hpp"
#include "plan.hpp"
#include "report.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe::bench {

class conductor {
public:
  explicit conductor(const plan& what);
  ~conductor(); // ends workers that are still there
  conductor(const conductor&) = delete;
  conductor& operator=(const conductor&) = delete;

  report conduct();

private:
  void start_workers();
  bool open_all();
  void measure_messages();
  void measure_idle();
  void measure_broadcasts();
  void measure_churn();
  void measure_until(std::uint64_t until_ns);
  void collect();

  // Waits until `done`; false (and a problem noted) when that takes too long, a worker dies or the
  // server drops a connection.
  bool wait_for(const std::function<bool()>& done, double seconds, const std::string& what);
  bool workers_well();
  void problem(const std::string& text);
  void set_phase(phase next);
  std::uint64_t sum(std::atomic<std::uint32_t> worker_row::*field) const;
  process_sample quiet_server();
  process_sample server(bool with_pss) const;

  const plan& plan_;
  control* shared_ = nullptr;
  int wake_fd_ = -1;
  std::vector<pid_t> workers_;
  report report_;
};

} // namespace troupe::bench
