// What the server is told about bridges: `[[bridge.rule]]` and `[[bridge.publish]]`. Pure.
#pragma once

#include "troupe/bus/bridge_rule.hpp"
#include "troupe/bus/publish_rule.hpp"

#include <optional>
#include <vector>

namespace troupe {

struct bridge_config {
  /// Not there: nobody has said anything, and `default_bridge_rules` are active. Empty: none are.
  std::optional<std::vector<bridge_rule>> rules;
  std::vector<publish_rule> publishes;
};

} // namespace troupe
