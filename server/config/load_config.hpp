// How the configuration is put together.
//
// A value comes from a flag, else from the environment, else from the file, else from the defaults
// of server/settings/ and limits.hpp. Every key is one line of config.def. Reads one file, has no
// other effect; used by `main` before any thread starts.
#pragma once

#include "server/config/config_error.hpp"
#include "server/config/value_origins.hpp"
#include "server/settings/config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A value given by name: `TROUPE_SERVER_PORT` or `--server-port`.
struct named_value {
  std::string name;
  std::string value;
};

struct config_sources {
  std::string file;                     ///< path; empty: no file
  std::vector<named_value> environment; ///< an empty one is not set; a strange one is a warning
  std::vector<named_value> flags;       ///< as config_keys.hpp names them, aliases included
};

struct config_result {
  std::optional<config> value;      ///< there exactly when `errors` is empty
  std::vector<config_error> errors; ///< all of them: the file's in its order, then variables, flags
  std::vector<config_error> warnings; ///< variables that are no key's, and what grants nothing
  value_origins origins;              ///< where each value was said
};

config_result load_config(const config_sources& sources);

/// The same for a file called `name` that has this text, and no other source.
config_result load_config_text(std::string_view text, const std::string& name);

/// This process's variables whose names begin with `TROUPE_`.
std::vector<named_value> process_environment();

} // namespace troupe
