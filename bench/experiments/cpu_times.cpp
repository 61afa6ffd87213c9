#include "cpu_times.hpp"

#include <filesystem>
#include <fstream>
#include <string_view>

#include <sys/resource.h>

namespace troupe::bench {

namespace {

// What tells the CPU time of the tasks in a folder of /proc whose names begin with `prefix`.
std::vector<std::string> times_of(const std::filesystem::path& folder, std::string_view prefix) {
  std::vector<std::string> found;
  for (const auto& task : std::filesystem::directory_iterator{folder}) {
    std::string name;
    std::getline(std::ifstream{task.path() / "comm"}, name);
    if (!name.empty() && name.starts_with(prefix))
      found.push_back(task.path() / "schedstat");
  }
  return found;
}

double sum_of(const std::vector<std::string>& times) {
  double sum = 0;
  for (const auto& path : times) {
    double nanoseconds = 0;
    std::ifstream{path} >> nanoseconds;
    sum += nanoseconds / 1000;
  }
  return sum;
}

} // namespace

cpu_clock::cpu_clock(pid_t receiver)
  : poller_(times_of("/proc/self/task", "iou-sqp")),
    softirqd_(times_of("/proc", "ksoftirqd")),
    receiver_(times_of("/proc/" + std::to_string(receiver) + "/task", "")) {}

cpu_times cpu_clock::now() const {
  return {process_cpu(), sum_of(poller_), sum_of(softirqd_), sum_of(receiver_)};
}

double process_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

} // namespace troupe::bench
