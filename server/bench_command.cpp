#include "server/bench_command.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace troupe {

int become_bench(std::span<char*> arguments, std::ostream& err) {
  constexpr int cannot_begin = 2; // as `troupe-bench` says it
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto program = (self.parent_path() / "troupe-bench").string();
  std::string name = "troupe bench"; // what its help calls it
  std::vector<char*> all{name.data()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.push_back(nullptr);
  ::execv(program.c_str(), all.data());
  err << "troupe bench: cannot run " << program << ": " << std::strerror(errno)
      << "\nIt is built with the CMake option TROUPE_BENCH.\n";
  return cannot_begin;
}

} // namespace troupe
