// Whether the server has room for what a configuration lets in. Pure, but for the number of cores.
#pragma once

#include "server/config/value_origins.hpp"
#include "server/settings/config.hpp"

#include <vector>

namespace troupe {

/// A loop has `connection_id::slots_max` places for connections, and limits.connections_max must
/// not be more than those of all loops.
std::vector<config_error> capacity_errors(const config& settings, const value_origins& origins);

} // namespace troupe
