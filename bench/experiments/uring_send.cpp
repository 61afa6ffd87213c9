// Does io_uring make a broadcast cheaper than one send() a socket? Sends the same frame to many
// loopback connections in several ways by turns, and prints the process' CPU time a delivery,
// kernel threads that work for it included. docs/design/0008-io-uring.md has the answer.
//
// sendmmsg() is not among the ways: it sends many messages to one socket, and a broadcast sends one
// message to many.
#include "cpu_times.hpp"
#include "receivers.hpp"
#include "uring_sender.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;

struct settings {
  std::size_t sockets = 1000;
  std::size_t bytes = 150;
  double rate = 50; // broadcasts a second; 0: the next when the last has arrived
  std::size_t rounds = 200;
  bool late = false;
  bool pin = false;
};

/// One way to send, and what each of its broadcasts cost.
struct way {
  std::string name;
  std::function<void(std::string_view)> broadcast;
  std::vector<double> cpu{};       // µs a delivery: the process, and the kernel's threads for
                                   // network work that was put off
  std::vector<double> ratio{};     // of `cpu` to that of send() in the same round
  std::vector<double> all{};       // `cpu` and that of the receivers
  std::vector<double> all_ratio{}; // of `all` to that of send() in the same round
  std::vector<double> poller{};    // of `cpu`, in the kernel's polling thread
  std::vector<double> taken{};     // ms until the broadcast was handed over
};

double median(std::vector<double> values, double place = 0.5) {
  const auto middle =
    values.begin() + static_cast<std::ptrdiff_t>(place * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void send_each(const std::vector<int>& sockets, std::string_view frame) {
  for (const int fd : sockets)
    if (send(fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
        static_cast<ssize_t>(frame.size()))
      throw std::system_error{errno, std::generic_category(), "send"};
}

std::vector<way> all_ways(const std::vector<int>& sockets) {
  std::vector<way> ways;
  auto plain = [&](std::string name) {
    ways.push_back({std::move(name), [&](std::string_view frame) { send_each(sockets, frame); }});
  };
  auto ring = [&](std::string name, uring_options how) {
    try {
      auto sender = std::make_shared<uring_sender>(sockets, how);
      ways.push_back(
        {std::move(name), [sender](std::string_view frame) { sender->broadcast(frame); }});
    } catch (const std::system_error& e) {
      std::printf("left out, %s: %s\n", name.c_str(), e.what());
    }
  };
  constexpr unsigned single = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  plain("send()");
  plain("send() again"); // the difference to the first is noise
  ring("uring, 32 a call", {.batch = 32});
  ring("uring, 128", {.batch = 128});
  ring("uring, 1024", {});
  ring("uring, 128, fixed", {.batch = 128, .fixed_files = true});
  ring("uring, 1024, fixed", {.fixed_files = true});
  ring("uring, 1024, fixed, coop", {.setup_flags = IORING_SETUP_COOP_TASKRUN, .fixed_files = true});
  ring("uring, 1024, fixed, single", {.setup_flags = single, .fixed_files = true});
  ring("uring, 32, fixed, single, skip",
       {.batch = 32, .setup_flags = single, .fixed_files = true, .skip_success = true});
  ring("uring, 128, fixed, single, skip",
       {.batch = 128, .setup_flags = single, .fixed_files = true, .skip_success = true});
  ring("uring, 1024, fixed, single, skip",
       {.setup_flags = single, .fixed_files = true, .skip_success = true});
  ring("uring, 1024, fixed, single, zc",
       {.setup_flags = single, .fixed_files = true, .zero_copy = true});
  ring("uring, 1024, fixed, sqpoll", {.setup_flags = IORING_SETUP_SQPOLL, .fixed_files = true});
  return ways;
}

// One broadcast: what it costs until the next is due. That includes waiting, which is little.
void measure(way& w, receivers& far, const cpu_clock& cpu, std::string_view frame,
             const settings& how) {
  const auto pause = std::chrono::duration_cast<clock::duration>(
    std::chrono::duration<double>{how.rate > 0 ? 1 / how.rate : 0});
  cpu_times before = cpu.now();
  before.process = process_cpu(); // without the time it took to ask for the others
  const auto begin = clock::now();
  w.broadcast(frame);
  const auto taken = clock::now() - begin;
  far.await(how.sockets * frame.size());
  std::this_thread::sleep_until(begin + pause);
  const cpu_times after = cpu.now();
  const double own = after.process - before.process + after.softirqd - before.softirqd;
  const auto deliveries = static_cast<double>(how.sockets);
  w.cpu.push_back(own / deliveries);
  w.all.push_back((own + after.receiver - before.receiver) / deliveries);
  w.poller.push_back((after.poller - before.poller) / deliveries);
  w.taken.push_back(std::chrono::duration<double, std::milli>(taken).count());
}

void print(const std::vector<way>& ways) {
  std::printf("%-33s %22s %22s %10s %10s %7s %6s\n", "", "us a delivery", "ratio", "all", "ratio",
              "poller", "ms");
  for (const auto& w : ways)
    std::printf("%-33s %7.3f %6.3f-%6.3f %8.3f %6.3f-%6.3f %10.3f %10.3f %7.3f %6.2f\n",
                w.name.c_str(), median(w.cpu), median(w.cpu, 0.25), median(w.cpu, 0.75),
                median(w.ratio), median(w.ratio, 0.25), median(w.ratio, 0.75), median(w.all),
                median(w.all_ratio), median(w.poller), median(w.taken));
}

// What there is to save: the way into the kernel and back.
double empty_call_ns() {
  constexpr int calls = 200'000;
  std::vector<double> values;
  for (int round = 0; round < 9; ++round) {
    const double begin = process_cpu();
    for (int i = 0; i < calls; ++i)
      getppid();
    values.push_back((process_cpu() - begin) / calls * 1000);
  }
  return median(values);
}

void pin(pid_t process, std::size_t core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (sched_setaffinity(process, sizeof cores, &cores) != 0)
    throw std::system_error{errno, std::generic_category(), "sched_setaffinity"};
}

void run(const settings& how) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  receivers far{how.sockets, how.late};
  if (how.pin) {
    pin(0, 0);
    pin(far.pid(), 1);
  }
  auto ways = all_ways(far.sockets());
  const cpu_clock cpu{far.pid()};
  const std::string frame(how.bytes, 'x');
  std::printf("%zu sockets, %zu bytes, %g broadcasts/s, %zu rounds, read %s%s; "
              "getppid() takes %.0f ns\n",
              how.sockets, how.bytes, how.rate, how.rounds, how.late ? "afterwards" : "at once",
              how.pin ? " on another core" : "", empty_call_ns());
  std::mt19937 dice{1};
  std::vector<std::size_t> order(ways.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  for (auto& w : ways) { // warm
    w.broadcast(frame);
    far.await(how.sockets * frame.size());
  }
  const auto reads = far.reads();
  for (std::size_t round = 0; round < how.rounds; ++round) {
    std::shuffle(order.begin(), order.end(), dice);
    for (const auto i : order)
      measure(ways[i], far, cpu, frame, how);
    for (auto& w : ways) {
      w.ratio.push_back(w.cpu.back() / ways.front().cpu.back());
      w.all_ratio.push_back(w.all.back() / ways.front().all.back());
    }
  }
  print(ways);
  std::printf("frames a read: %.3f\n", static_cast<double>(how.rounds * ways.size() * how.sockets) /
                                         static_cast<double>(far.reads() - reads));
}

} // namespace
} // namespace troupe::bench

int main(int argc, char** argv) {
  CLI::App app{"A broadcast by send() and by io_uring"};
  troupe::bench::settings how;
  app.add_option("-n,--sockets", how.sockets, "Connections")->capture_default_str();
  app.add_option("--bytes", how.bytes, "Bytes of the frame")->capture_default_str();
  app.add_option("--rate", how.rate, "Broadcasts a second; 0: as soon as the last has arrived")
    ->capture_default_str();
  app.add_option("--rounds", how.rounds, "Broadcasts each way")->capture_default_str();
  app.add_flag("--pin", how.pin, "The sender on the first core, the receivers on the second");
  app.add_flag("--late", how.late, "Nobody reads while a broadcast is being sent");
  CLI11_PARSE(app, argc, argv);
  try {
    troupe::bench::run(how);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "uring-send: %s\n", e.what());
    return 1;
  }
}
