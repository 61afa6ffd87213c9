// `troupe check`: everything that `troupe serve` does with a configuration before it listens.
#pragma once

#include "server/config/load_config.hpp"
#include "server/exit_code.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace troupe {

/// `troupe check FILE [--explain WORDS]`; the environment is among the sources already.
struct check_command {
  config_sources sources;
  std::vector<std::string> explain{}; ///< as explain.hpp has them; none: nothing is to be explained
};

/// Prints one error a line to `out`; or which values are the environment's, what is open or without
/// effect, and then `FILE: ok`. With something to explain: that alone.
exit_code run_check(const check_command& check, std::ostream& out);

} // namespace troupe
