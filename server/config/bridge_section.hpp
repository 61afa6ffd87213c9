// Reads the `[[bridge.rule]]` and `[[bridge.publish]]` tables of the configuration: what comes in
// from NATS and for whom, and what goes out to it. Pure.
#pragma once

#include "server/config/config_section.hpp"
#include "server/settings/bridge_config.hpp"

namespace troupe {

/// `value` is what the file has under `bridge`; what is wrong with it goes to `errors`.
void read_bridge_section(const config_value& value, file_errors& errors, bridge_config& into);

} // namespace troupe
