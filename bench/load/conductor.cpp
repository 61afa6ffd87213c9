#include "conductor.hpp"

#include "socket_pool.hpp"
#include "worker.hpp"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>
#include <stdexcept>

namespace troupe::bench {

namespace {

std::uint64_t nanoseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

void sleep_until(std::uint64_t ns) {
  const timespec t{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
  }
}

void sleep_for(double seconds) {
  sleep_until(now_ns() + nanoseconds(seconds));
}

void add(cpu_use& sum, const cpu_use& more) {
  sum.total_ns += more.total_ns;
  sum.user_ns += more.user_ns;
  sum.system_ns += more.system_ns;
}

} // namespace

conductor::conductor(const plan& what) : plan_{what} {
  void* const memory = mmap(nullptr, sizeof(control), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::runtime_error{std::string{"mmap: "} + std::strerror(errno)};
  shared_ = new (memory) control;
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

conductor::~conductor() {
  for (const auto pid : workers_) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  close(wake_fd_);
  munmap(shared_, sizeof(control));
}

void conductor::start_workers() {
  for (std::uint32_t i = 0; i < plan_.processes; ++i) {
    const auto pid = fork();
    if (pid < 0)
      throw std::runtime_error{std::string{"fork: "} + std::strerror(errno)};
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      prctl(PR_SET_TIMERSLACK, 1000); // ns; the default of 50 us would make every message late
      try {
        worker{plan_, *shared_, i, wake_fd_}.run();
      } catch (const std::exception& e) {
        std::string_view{e.what()}.copy(shared_->workers[i].results.first_problem.data(), 127);
        _exit(1);
      }
      _exit(0);
    }
    workers_.push_back(pid);
  }
}

void conductor::problem(const std::string& text) {
  auto& all = report_.problems;
  if (std::find(all.begin(), all.end(), text) == all.end())
    all.push_back(text);
}

void conductor::set_phase(phase next) {
  shared_->now = next;
}

std::uint64_t conductor::sum(std::atomic<std::uint32_t> worker_row::*field) const {
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < plan_.processes; ++i)
    total += (shared_->workers[i].*field).load();
  return total;
}

process_sample conductor::server(bool with_pss) const {
  return sample_processes(plan_.pids, with_pss);
}

// Waits until the server has finished what it is busy with, 5 s at most, and samples it then.
process_sample conductor::quiet_server() {
  auto before = server(false);
  for (int i = 0; i < 50; ++i) {
    sleep_for(0.1);
    const auto after = server(false);
    if (cpu_between(before, after).total_ns < 2e6)
      break;
    before = after;
  }
  return server(true);
}

bool conductor::workers_well() {
  if (sum(&worker_row::failed) > 0) {
    problem("connections refused or closed by the server");
    return false;
  }
  for (const auto pid : workers_) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_pid != 0) {
      problem("a generator process died");
      return false;
    }
  }
  return true;
}

bool conductor::wait_for(const std::function<bool()>& done, double seconds,
                         const std::string& what) {
  const auto deadline = now_ns() + nanoseconds(seconds);
  while (!done()) {
    if (!workers_well())
      return false;
    if (now_ns() > deadline) {
      problem(what + ": not within " + std::to_string(static_cast<int>(seconds)) + " s");
      return false;
    }
    sleep_for(0.002);
  }
  return true;
}

bool conductor::open_all() {
  const auto begin = now_ns();
  set_phase(phase::open);
  const auto wanted = report_.connections;
  const bool opened = wait_for([&] { return sum(&worker_row::opened) >= wanted; },
                               60 + wanted * 0.01 + wanted / std::max(plan_.connect_rate, 1.0),
                               "opening the connections");
  report_.connect_seconds = static_cast<double>(now_ns() - begin) * 1e-9;
  return opened;
}

report conductor::conduct() {
  for (const auto& group : plan_.groups) {
    report_.connections += group.audiences * group.members;
    if (!group.speech.publish_http.empty())
      report_.connections += group.audiences * group.publishers;
  }
  report_.server_before = server(true);
  if (!report_.server_before.found)
    problem("cannot read the server's process in /proc");
  start_workers();
  if (plan_.what == plan::kind::churn) {
    measure_churn();
  } else if (open_all()) {
    report_.server_connected = quiet_server();
    if (plan_.what == plan::kind::idle)
      measure_idle();
    else
      measure_messages();
  }
  collect();
  return std::move(report_);
}

void conductor::measure_idle() {
  set_phase(phase::run);
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

// Sleeps, watching the server's memory and that all goes on.
void conductor::measure_until(std::uint64_t until_ns) {
  std::uint64_t progress = 0;
  auto progress_at = now_ns();
  while (now_ns() < until_ns) {
    sleep_until(std::min(until_ns, now_ns() + nanoseconds(0.5)));
    report_.server_rss_max = std::max(report_.server_rss_max, server(false).rss_bytes);
    if (!workers_well())
      return;
    if (!plan_.flat_out())
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

void conductor::collect() {
  if (report_.server_before.found && !server(false).found)
    problem("the server died");
  set_phase(phase::stop);
  for (const auto pid : workers_)
    waitpid(pid, nullptr, 0);
  workers_.clear();
  auto& all = *report_.results;
  for (std::uint32_t i = 0; i < plan_.processes; ++i) {
    const auto& one = shared_->workers[i].results;
    all.latency.add(one.latency);
    all.lateness.add(one.lateness);
    for (const auto field :
         {&worker_results::delivered, &worker_results::published, &worker_results::reads,
          &worker_results::bytes, &worker_results::delivered_ever, &worker_results::missing,
          &worker_results::doubled, &worker_results::disordered, &worker_results::strayed,
          &worker_results::failed_requests, &worker_results::pings, &worker_results::pongs_missing,
          &worker_results::churned})
      all.*field += one.*field;
    if (one.first_problem[0] != '\0')
      problem(one.first_problem.data());
  }
}

} // namespace troupe::bench
