// Processes, phases and waiting. What is measured when is in conductor_measure.cpp.
#include "conductor.hpp"

#include "clock.hpp"
#include "worker.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::bench {

conductor::conductor(const plan& what) : plan_{what} {
  void* const memory =
    mmap(nullptr, sizeof(control), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
    if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid != 0) {
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
    if (plan_.what != plan::kind::idle) {
      measure_messages();
    } else {
      measure_idle();
      if (plan_.broadcasts > 0)
        measure_broadcasts();
    }
  }
  collect();
  return std::move(report_);
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
