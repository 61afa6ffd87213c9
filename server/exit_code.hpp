// What the process returns to its shell.
#pragma once

namespace troupe {

enum exit_code : int { exit_ok = 0, exit_invalid_config = 1, exit_usage = 2 };

} // namespace troupe
