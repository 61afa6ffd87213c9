// What the server is told about the HTTP API for servers: `[api]`. Pure.
#pragma once

#include <string>
#include <vector>

namespace troupe {

struct api_config {
  /// Secrets of which `Authorization: Bearer` must carry one. None: every call is refused.
  std::vector<std::string> keys;
};

} // namespace troupe
