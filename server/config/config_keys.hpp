// The table of keys that config.def makes, and the search for the key somebody meant. Pure.
#pragma once

#include "server/config/config_kinds.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct config_key {
  std::string_view section;
  std::string_view key;
  std::string_view unit;    ///< "bytes", "seconds", or nothing
  std::string_view meaning; ///< one sentence, for people, without its point
  std::string_view more;    ///< the sentences after it, or nothing
  std::string_view placeholder;
  value_range bounds;

  value_check (*read)(const config_value&, value_range, config&);
  std::string (*show)(const config&); ///< the member as TOML
  std::string (*expected)(value_range);
  std::string (*range)(value_range);
};

/// All of them, section by section, in the order of config.def.
std::span<const config_key> config_keys();

std::string full_name(const config_key& key);       ///< server.port
std::string variable(const config_key& key);        ///< TROUPE_SERVER_PORT
std::string flag(const config_key& key);            ///< --server-port
std::string_view flag_alias(const config_key& key); ///< --port; empty where there is none

/// Range, unit and default: `128 to 16777216 bytes, default 65536`.
std::string facts(const config_key& key);

/// `expected an integer from 0 to 65535, got "http"`.
std::string mismatch(const config_key& key, const value_error& error);

/// `nearest_word` of these.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates,
                         std::size_t slips_max = 3);

/// `, did you mean "port"?`, or nothing when no candidate is near.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

} // namespace troupe
