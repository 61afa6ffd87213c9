// What is measured when.
#include "clock.hpp"
#include "conductor.hpp"

#include <algorithm>

namespace troupe::bench {

namespace {

void add(cpu_use& sum, const cpu_use& more) {
  sum.total_ns += more.total_ns;
  sum.user_ns += more.user_ns;
  sum.system_ns += more.system_ns;
}

} // namespace

void conductor::measure_idle() {
  set_phase(phase::hold);
  const auto from = now_ns();
  const auto server_from = server(false);
  const auto generator_from = sample_processes(workers_, false);
  measure_until(from + nanoseconds(plan_.duration));
  report_.server_end = server(false);
  report_.measured_seconds = static_cast<double>(now_ns() - from) * 1e-9;
  report_.server_start = server_from;
  report_.server_cpu = cpu_between(server_from, report_.server_end);
  report_.generator_cpu = cpu_between(generator_from, sample_processes(workers_, false));
}

void conductor::measure_messages() {
  shared_->base_ns = now_ns();
  set_phase(phase::probe);
  if (!wait_for([&] { return sum(&worker_row::ready) == plan_.processes; },
                30 + report_.connections * 0.005, "reaching all members"))
    return;
  quiet_server();
  const auto start = now_ns() + nanoseconds(0.05);
  const auto from = start + nanoseconds(plan_.warmup);
  const auto until = from + nanoseconds(plan_.duration);
  shared_->start_ns = start;
  shared_->from_ns = from;
  shared_->until_ns = until;
  set_phase(phase::run);
  sleep_until(from);

  const auto generator_from = sample_processes(workers_, false);
  report_.server_start = server(false);
  const auto measured_from = now_ns();
  shared_->measuring = true;
  measure_until(until);
  shared_->measuring = false;
  report_.server_end = server(false);
  report_.measured_seconds = static_cast<double>(now_ns() - measured_from) * 1e-9;
  report_.server_cpu = cpu_between(report_.server_start, report_.server_end);
  report_.generator_cpu = cpu_between(generator_from, sample_processes(workers_, false));

  set_phase(phase::drain);
  wait_for([&] { return sum(&worker_row::drained) == plan_.processes; }, plan_.drain,
           "receiving what was under way");
}

// One after another, each once everybody has the one before: how long each takes.
void conductor::measure_broadcasts() {
  const auto all_have = [&](std::uint32_t number) {
    for (std::uint32_t i = 0; i < plan_.processes; ++i) {
      if (shared_->workers[i].complete.load() < number)
        return false;
    }
    return true;
  };
  const auto from = server(false);
  auto begun = now_ns();
  shared_->base_ns = begun;
  shared_->start_ns = begun;
  shared_->from_ns = begun;
  shared_->until_ns = ~std::uint64_t{0};
  shared_->measuring = true;
  set_phase(phase::run);
  for (std::uint32_t number = 1; number <= plan_.broadcasts; ++number) {
    if (!wait_for([&] { return all_have(number); }, 30 + report_.connections * 1e-4,
                  "a broadcast to everybody"))
      break;
    const auto now = now_ns();
    report_.broadcast_seconds.push_back(static_cast<double>(now - begun) * 1e-9);
    begun = now;
  }
  report_.broadcast_cpu = cpu_between(from, quiet_server());
}

// Sleeps, watching the server's memory and that all goes on.
void conductor::measure_until(std::uint64_t until_ns) {
  std::uint64_t progress = 0;
  auto progress_at = now_ns();
  while (now_ns() < until_ns) {
    sleep_until(std::min(until_ns, now_ns() + nanoseconds(0.5)));
    report_.server_rss_max = std::max(report_.server_rss_max, server(false).rss_bytes);
    if (!workers_well())
      return;
    if (!plan_.flat_out() || plan_.what == plan::kind::idle)
      continue;
    std::uint64_t accounted = 0;
    for (std::uint32_t i = 0; i < plan_.processes; ++i)
      accounted += shared_->workers[i].accounted.load();
    if (accounted != progress) {
      progress = accounted;
      progress_at = now_ns();
    } else if (now_ns() - progress_at > nanoseconds(5)) {
      problem("nothing was delivered for 5 s");
      return;
    }
  }
}

void conductor::measure_churn() {
  // The first cycle warms the server up, unless it is the only one.
  for (std::uint32_t cycle = 0; cycle < plan_.cycles; ++cycle) {
    const bool counted = cycle > 0 || plan_.cycles == 1;
    const auto begin = quiet_server();
    const auto generator_begin = sample_processes(workers_, false);
    if (!open_all())
      return;
    const auto seconds = report_.connect_seconds;
    const auto generator_end = sample_processes(workers_, false);
    const auto opened = quiet_server();
    if (cycle == 0)
      report_.server_connected = opened;
    set_phase(phase::close);
    if (!wait_for([&] { return sum(&worker_row::opened) == 0; }, 60, "closing the connections"))
      return;
    const auto closed = quiet_server();
    if (!counted)
      continue;
    report_.setups += report_.connections;
    report_.measured_seconds += seconds;
    add(report_.setup_cpu, cpu_between(begin, opened));
    add(report_.teardown_cpu, cpu_between(opened, closed));
    add(report_.generator_cpu, cpu_between(generator_begin, generator_end));
  }
}

} // namespace troupe::bench
