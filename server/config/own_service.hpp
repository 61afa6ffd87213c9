// What a configuration would have the server do to itself as a service. Pure.
#pragma once

#include "server/config/config_value.hpp"
#include "server/config/load_config.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Clients may not call the server over NATS, which would do what they ask without asking who they
/// are: neither by `[[rpc.allow]]` nor by what `[[bridge.publish]]` publishes. `document` is what
/// the file `source` has, and says where.
std::vector<config_error> own_service_errors(const config& settings,
                                             const config_value::table& document,
                                             const std::string& source);

} // namespace troupe
