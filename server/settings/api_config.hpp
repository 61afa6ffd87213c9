// What the server is told about the HTTP API for servers: `[api]`. Pure.
#pragma once

#include <string>
#include <vector>

namespace troupe {

struct api_config {
  std::vector<std::string> keys; ///< none: every call is refused
};

} // namespace troupe
