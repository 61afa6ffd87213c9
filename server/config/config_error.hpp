// Something the configuration may not say, and where that is said. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace troupe {

/// `to_string` gives
/// `troupe.toml:7:8: server.port: expected an integer from 0 to 65535, got "http"`.
struct config_error {
  std::string source;       ///< the file, the variable or the flag; empty: none of them
  std::uint32_t line = 0;   ///< 1-based; 0 when there is none
  std::uint32_t column = 0; ///< 1-based, in characters; 0 when there is none
  std::string key;     ///< `section.key`, `section`, or empty when the file as a whole is meant
  std::string message; ///< what was expected; never shows a secret, nor control characters
};

std::string to_string(const config_error& error);

} // namespace troupe
