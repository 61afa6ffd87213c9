// Whether the server has room for what a configuration lets in. Pure, but for the number of cores.
#pragma once

#include "server/config/config_value.hpp"
#include "server/config/load_config.hpp"

#include <vector>

namespace troupe {

/// A loop has `connection_id::slots_max` places for connections, and limits.connections_max must
/// not be more than those of all loops. `document` is what the file of `sources` has, and says
/// where.
std::vector<config_error> capacity_errors(const config& settings,
                                          const config_value::table& document,
                                          const config_sources& sources);

} // namespace troupe
