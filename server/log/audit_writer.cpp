#include "server/log/audit_writer.hpp"

#include <utility>

namespace troupe {

namespace {

using steady = std::chrono::steady_clock;

} // namespace

audit_writer::audit_writer(write_function write, sum_function tell_sum,
                           const std::function<void()>& begin_thread)
  : write_(std::move(write)),
    tell_sum_(std::move(tell_sum)),
    thread_([this, begin_thread] {
      begin_thread();
      run();
    }) {}

void audit_writer::finish() {
  {
    const std::lock_guard held(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void audit_writer::add(log_level level, std::string body) {
  {
    const std::lock_guard held(mutex_);
    if (ending_ || waiting_.size() >= lines_waiting_max) {
      ++lost_;
      return;
    }
    waiting_.push_back({std::chrono::system_clock::now(), level, std::move(body)});
  }
  changed_.notify_one();
}

bool audit_writer::tell(const line_kind& kind) {
  bool first_counted = false;
  bool told = false;
  {
    const std::lock_guard held(mutex_);
    const bool idle = repeated_.next_due() == repeated_lines::time_point::max();
    told = repeated_.tell(kind, steady::now());
    first_counted = idle && !told;
  }
  if (first_counted)
    changed_.notify_one(); // there is something to wake up for now
  return told;
}

std::vector<audit_line> audit_writer::wait_for_lines(bool& last) {
  std::unique_lock held(mutex_);
  const auto due = repeated_.next_due();
  const auto ready = [this] { return ending_ || !waiting_.empty(); };
  if (due == repeated_lines::time_point::max())
    changed_.wait(held, [&] { return ready() || repeated_.next_due() != due; });
  else
    changed_.wait_until(held, due, ready);
  last = ending_;
  auto lines = std::exchange(waiting_, {});
  const auto sums = repeated_.take_due(last ? repeated_lines::time_point::max() : steady::now());
  for (const auto& sum : sums)
    lines.push_back({std::chrono::system_clock::now(), sum.kind.level, tell_sum_(sum)});
  return lines;
}

void audit_writer::run() {
  for (bool last = false; !last;)
    for (const auto& line : wait_for_lines(last))
      write_(line);
}

} // namespace troupe
