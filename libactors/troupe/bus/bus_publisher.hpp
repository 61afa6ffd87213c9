// Publishes on the bus what `[[bridge.publish]]` names: a tap of the house. Thread-safe: it is
// immutable once made, and called by whomever something happens to.
#pragma once

#include "troupe/bus/publish_rule.hpp"
#include "troupe/house.hpp"

#include <vector>

namespace troupe {

/// The tap of `here`, which has a bus: to be set before the first connection.
event_tap make_bus_publisher(const house& here, std::vector<publish_rule> rules);

} // namespace troupe
