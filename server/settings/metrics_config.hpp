// What the server is told about its metrics: `[metrics]`. Pure.
#pragma once

#include <string>

namespace troupe {

struct metrics_config {
  /// `/metrics` is there, and asks for this key when there is one.
  bool enabled = true;
  std::string key;
};

} // namespace troupe
