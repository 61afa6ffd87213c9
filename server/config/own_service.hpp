// What a configuration would have the server do to itself as a service. Pure.
#pragma once

#include "server/config/value_origins.hpp"
#include "server/settings/config.hpp"

#include <vector>

namespace troupe {

/// Clients may not call the server over NATS, which would do what they ask without asking who they
/// are: neither by `[[rpc.allow]]` nor by what `[[bridge.publish]]` publishes.
std::vector<config_error> own_service_errors(const config& settings, const value_origins& origins);

} // namespace troupe
