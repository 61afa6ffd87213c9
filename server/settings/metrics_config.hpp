// What the server is told about its metrics: `[metrics]`. Pure.
#pragma once

#include <string>

namespace troupe {

struct metrics_config {
  bool enabled = true;
  std::string key; ///< that `/metrics` asks for; empty: none
};

} // namespace troupe
