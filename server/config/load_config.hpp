// How the configuration is put together.
//
// A value comes from a flag, else from the environment, else from the file, else from the defaults
// of server/settings/ and limits.hpp. Every key is one line of config.def. Reads one file, has no
// other effect; used by `main` before any thread starts.
#pragma once

#include "server/settings/config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Something the configuration may not say. `to_string` gives
/// `troupe.toml:7:8: server.port: expected an integer from 0 to 65535, got "http"`.
struct config_error {
  std::string source;       ///< the file, the variable or the flag
  std::uint32_t line = 0;   ///< 1-based; 0 when there is none
  std::uint32_t column = 0; ///< 1-based, in characters; 0 when there is none
  std::string key;     ///< `section.key`, `section`, or empty when the file as a whole is meant
  std::string message; ///< what was expected; never shows a secret, nor control characters
};

std::string to_string(const config_error& error);

/// A value given by name: `TROUPE_SERVER_PORT` or `--server-port`.
struct named_value {
  std::string name;
  std::string value;
};

struct config_sources {
  std::string file;                     ///< path; empty: no file
  std::vector<named_value> environment; ///< names that are no key's variable are passed over
  std::vector<named_value> flags;       ///< as config_keys.hpp names them, aliases included
};

struct config_result {
  std::optional<config> value;      ///< there exactly when `errors` is empty
  std::vector<config_error> errors; ///< all of them: the file's in its order, then variables, flags
  std::vector<config_error> warnings; ///< variables that look like a misspelt one of Troupe's
};

config_result load_config(const config_sources& sources);

/// The same for a file called `name` that has this text, and no other source.
config_result load_config_text(std::string_view text, const std::string& name);

/// This process's variables whose names begin with `TROUPE_`.
std::vector<named_value> process_environment();

} // namespace troupe
