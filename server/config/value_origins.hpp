// Who said what: where the value of each key was decided, for errors that are found when all of the
// configuration is known. Pure.
#pragma once

#include "server/config/config_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct value_origin {
  enum class kind : std::uint8_t { file, variable, flag };

  std::string key; ///< `limits.rooms_max`, `namespace[0]`, `rpc.allow[2].service`
  kind from = kind::file;
  std::string source; ///< the file, the variable or the flag
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class value_origins {
public:
  value_origins() = default;
  /// `file` is where keys that nobody has set would have been; may be empty.
  explicit value_origins(std::string file) : file_(std::move(file)) {}

  /// Stands before what was added for the same key earlier.
  void add(value_origin origin) { all_.push_back(std::move(origin)); }

  /// Null where nobody has said anything, so that the default holds.
  const value_origin* of(std::string_view key) const;

  /// An error about `key`, at the place where its value was decided.
  config_error about(std::string key, std::string message) const;

  /// The same for a text that begins with the key: `auth.secret: is a PEM key`, `tls.key_file
  /// /etc/key.pem: not readable`.
  config_error about(std::string_view text) const;

  /// Those that decide, of one kind, in the order in which they were added.
  std::vector<value_origin> deciding(value_origin::kind from) const;

private:
  std::string file_;
  std::vector<value_origin> all_;
};

} // namespace troupe
