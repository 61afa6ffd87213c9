// Publishes on the bus what `[[bridge.publish]]` selects: a tap of the server. Thread-safe: it is
// immutable once made; the actor to which something happens calls it.
#pragma once

#include "troupe/bus/publish_rule.hpp"
#include "troupe/server_context.hpp"

#include <vector>

namespace troupe {

/// The tap of `here`, which has a bus: to be set before the first connection.
event_tap make_bus_publisher(const server_context& context, std::vector<publish_rule> rules);

} // namespace troupe
