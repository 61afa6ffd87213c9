// What a configuration leaves open to whoever reaches the port, and what it says in vain. Pure.
#pragma once

#include "server/config/load_config.hpp"

#include <string>
#include <vector>

namespace troupe {

/// One line for each thing that is open to anybody or has no effect, for `troupe check` and for the
/// log at start.
std::vector<std::string> exposure_warnings(const config& settings);

} // namespace troupe
