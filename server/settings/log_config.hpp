// What the server is told about its log: `[log]`. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };
enum class log_format : std::uint8_t { text, json };

inline constexpr std::array<std::string_view, 6> log_level_names{"trace",   "debug", "info",
                                                                 "warning", "error", "off"};
inline constexpr std::array<std::string_view, 2> log_format_names{"text", "json"};

struct log_config {
  log_level level = log_level::info;
  log_format format = log_format::text;
  std::string trace_user{}; ///< a user's id, an address or a network; empty: nobody
};

} // namespace troupe
