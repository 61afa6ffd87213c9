// Bytes from outside, made safe to show on one line of a terminal, a log or a JSON string. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

enum class escape_style {
  text,   ///< line feed as \n, other controls as \x1b or \u0085, bytes that are no UTF-8 as \xff
  quoted, ///< the same, and a backslash before `"` and `\`
  json,   ///< RFC 8259 section 7; bytes that are no UTF-8 become U+FFFD
};

/// Appends at most `bytes_max` of `bytes`; what was left out is told as `…(+N bytes)`.
void append_escaped(std::string& out, std::string_view bytes, escape_style style,
                    std::size_t bytes_max = std::string_view::npos);

/// `bytes` between double quotes, shortened to what an error message can carry.
std::string in_quotes(std::string_view bytes, std::size_t bytes_max = 60);

/// Whether `bytes` are UTF-8 without control characters, line or paragraph separators, and marks
/// that reorder a line.
bool is_printable(std::string_view bytes);

} // namespace troupe
