// The format of a log line, in text and in JSON. Pure.
#pragma once

#include "server/log/log.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe {

/// Most bytes of a message or of one field's text that a line keeps.
inline constexpr std::size_t log_text_bytes_max = 1024;

/// Message and fields as a line carries them: `listening port=8081`, or
/// `"message":"listening","port":8081`.
std::string log_body(log_format format, std::string_view message,
                     std::span<const log_field> fields);
inline std::string log_body(log_format format, std::string_view message, log_fields fields) {
  return log_body(format, message, std::span<const log_field>(fields.begin(), fields.size()));
}

/// The whole line around such a body, with its line feed.
std::string log_line_of(log_format format, std::chrono::system_clock::time_point time,
                        log_level level, std::string_view body);

} // namespace troupe
