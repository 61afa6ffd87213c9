#include "server/settings/thread_counts.hpp"

#include "troupe/wire/ids.hpp"

#include <algorithm>
#include <thread>

namespace troupe {

// Sockets cost more than rooms do, and the kernel's own network work needs a share of the cores.
thread_counts counts_for(const server_config& settings) {
  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  const auto loops = settings.loops != 0 ? settings.loops : std::max(1u, cores / 2);
  return {std::min(loops, connection_id::loops_max),
          settings.pool_threads != 0 ? settings.pool_threads : std::clamp(cores / 4, 1u, 8u)};
}

} // namespace troupe
