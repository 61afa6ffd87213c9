// The audit's own way into the log: a queue and a thread beside those for all other lines, so that
// a flood of these loses none of the audit. Thread-safe.
//
// What outsiders can cause is summed up before it is queued. What is left are the commands of
// admins, so the queue is empty nearly always and its bound is there for a log that nobody reads.
#pragma once

#include "server/log/repeated_lines.hpp"
#include "server/settings/log_config.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe {

struct audit_line {
  std::chrono::system_clock::time_point time;
  log_level level;
  std::string body; ///< as log_body makes it
};

class audit_writer {
public:
  using write_function = std::function<void(const audit_line&)>;
  /// Makes the body of the line that tells a sum.
  using sum_function = std::function<std::string(const repeated_lines::sum&)>;

  /// `begin_thread` is the first that the thread calls.
  audit_writer(write_function write, sum_function tell_sum,
               const std::function<void()>& begin_thread);
  ~audit_writer() { finish(); }

  /// Writes what waits, sums included, and ends the thread. Whatever comes later is lost. One
  /// thread.
  void finish();

  void add(log_level level, std::string body);

  /// Whether a line of this kind is to be made and added; if not, it is counted for the sum.
  bool tell(const line_kind& kind);

  std::uint64_t lost() const { return lost_; }

private:
  static constexpr std::size_t lines_waiting_max = 65'536;

  void run();
  std::vector<audit_line> wait_for_lines(bool& last);

  const write_function write_;
  const sum_function tell_sum_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<audit_line> waiting_; // guarded by mutex_
  repeated_lines repeated_;         // guarded by mutex_
  bool ending_ = false;             // guarded by mutex_
  std::atomic<std::uint64_t> lost_ = 0;
  std::thread thread_; // last: it uses all the others
};

} // namespace troupe
