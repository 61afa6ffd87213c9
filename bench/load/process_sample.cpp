#include "process_sample.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace troupe::bench {

namespace {

bool read_stat(const std::string& folder, process_sample& sum) {
  std::ifstream file{folder + "/stat"};
  std::string line;
  if (!std::getline(file, line))
    return false;
  // The name in parentheses may hold anything, so fields are counted from its end (proc(5)).
  std::istringstream fields{line.substr(line.rfind(')') + 1)};
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;
  const auto tick_ns = 1'000'000'000ull / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  sum.user_ns += user * tick_ns;
  sum.system_ns += system * tick_ns;
  return true;
}

// Nanoseconds on a processor of every living thread; the kernel keeps this without rounding.
void read_threads(const std::string& folder, process_sample& sum) {
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator{folder + "/task", error}) {
    std::ifstream file{task.path() / "schedstat"};
    std::uint64_t on_cpu = 0;
    if (file >> on_cpu) {
      sum.cpu_ns += on_cpu;
      ++sum.threads;
    }
  }
}

void read_memory(const std::string& folder, bool with_pss, process_sample& sum) {
  std::ifstream file{folder + "/statm"};
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (file >> size >> resident)
    sum.rss_bytes += resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  if (!with_pss)
    return;
  std::ifstream rollup{folder + "/smaps_rollup"};
  for (std::string word; rollup >> word;) {
    std::uint64_t kib = 0;
    if (word == "Pss:" && rollup >> kib) {
      sum.pss_bytes += kib * 1024;
      return;
    }
  }
}

} // namespace

process_sample sample_processes(const std::vector<pid_t>& pids, bool with_pss) {
  process_sample sum;
  for (const auto pid : pids) {
    const auto folder = "/proc/" + std::to_string(pid);
    sum.found = read_stat(folder, sum) && sum.found;
    read_threads(folder, sum);
    read_memory(folder, with_pss, sum);
  }
  return sum;
}

cpu_use cpu_between(const process_sample& before, const process_sample& after) {
  const auto difference = [](std::uint64_t a, std::uint64_t b) {
    return b > a ? static_cast<double>(b - a) : 0.0;
  };
  cpu_use use;
  use.user_ns = difference(before.user_ns, after.user_ns);
  use.system_ns = difference(before.system_ns, after.system_ns);
  const bool same_threads = before.threads != 0 && before.threads == after.threads;
  use.total_ns =
    same_threads ? difference(before.cpu_ns, after.cpu_ns) : use.user_ns + use.system_ns;
  return use;
}

} // namespace troupe::bench
