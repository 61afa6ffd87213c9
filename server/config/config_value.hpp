// A configuration as written, before anybody asked what it means: values, lists and tables with
// their places in the file. Keeps the TOML library out of every other file. Pure.
#pragma once

#include "server/config/config_error.hpp"
#include "troupe/wire/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe {

struct config_entry;

struct config_value {
  /// Text of a variable or a flag, from which a value of any kind may be read.
  struct loose {
    std::string text;
  };
  /// Something TOML has and no key takes.
  struct misfit {
    std::string_view what; ///< "a date", say
  };
  using list = std::vector<config_value>;
  using table = std::vector<config_entry>; ///< in the order of the file

  std::variant<loose, std::string, std::int64_t, double, bool, list, table, misfit> data;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct config_entry {
  std::string key;
  std::uint32_t line = 0; ///< of the key
  std::uint32_t column = 0;
  config_value value;
};

/// What an error message says was found: `"lots"`, `70000`, `a list`; shortened and escaped.
std::string describe(const config_value& value);

/// The same without a byte of the content: `a string of 9 bytes`, `an integer`.
std::string describe_secret(const config_value& value);

/// The value of `key`, or null.
const config_value* find(const config_value::table& table, std::string_view key);

/// The text of a string, a variable or a flag, or null.
const std::string* text_of(const config_value& value);

/// The tables of a TOML text. An error says where it is none, and why; `file` names it there.
result<config_value::table, config_error> parse_toml(std::string_view text,
                                                     const std::string& file);

} // namespace troupe
