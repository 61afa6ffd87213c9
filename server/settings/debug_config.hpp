// What the server is told for those who test it: `[debug]`. Pure.
#pragma once

namespace troupe {

struct debug_config {
  bool echo = false; ///< `/echo` is there
};

} // namespace troupe
