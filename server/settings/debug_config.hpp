// What the server is told about what helps to test it: `[debug]`. Pure.
#pragma once

namespace troupe {

struct debug_config {
  /// `/echo` sends back what it gets, for suites that test the WebSocket protocol.
  bool echo = false;
};

} // namespace troupe
