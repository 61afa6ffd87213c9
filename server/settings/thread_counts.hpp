// How many threads the server runs on: as it was told, or by the cores of the machine.
#pragma once

#include "server/settings/server_config.hpp"

#include <cstdint>

namespace troupe {

struct thread_counts {
  std::uint32_t loops;
  std::uint32_t pool;
};

thread_counts counts_for(const server_config& settings);

} // namespace troupe
