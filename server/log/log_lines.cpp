#include "server/log/log_lines.hpp"

#include "server/log/printable.hpp"
#include "troupe/wire/timestamp.hpp"

#include <charconv>
#include <cmath>

namespace troupe {

namespace {

template <class T>
void append_number(std::string& out, T number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

void append_value(std::string& out, log_format format, std::string_view text) {
  // A bare word needs no quotes in text; anything a reader could take apart wrongly gets them.
  const bool bare = format == log_format::text && !text.empty() && is_printable(text) &&
                    text.size() <= log_text_bytes_max &&
                    text.find_first_of(" \"\\=") == std::string_view::npos;
  if (bare) {
    out += text;
    return;
  }
  const auto style = format == log_format::json ? escape_style::json : escape_style::quoted;
  out += '"';
  append_escaped(out, text, style, log_text_bytes_max);
  out += '"';
}

void append_value(std::string& out, log_format format, double number) {
  // JSON has no word for infinity or NaN.
  if (format == log_format::json && !std::isfinite(number))
    out += "null";
  else
    append_number(out, number);
}

void append_value(std::string& out, log_format, std::int64_t number) {
  append_number(out, number);
}
void append_value(std::string& out, log_format, std::uint64_t number) {
  append_number(out, number);
}
void append_value(std::string& out, log_format, bool value) {
  out += value ? "true" : "false";
}

} // namespace

std::string log_body(log_format format, std::string_view message,
                     std::span<const log_field> fields) {
  const bool json = format == log_format::json;
  const auto style = json ? escape_style::json : escape_style::text;
  std::string out;
  if (json)
    out += "\"message\":\"";
  append_escaped(out, message, style, log_text_bytes_max);
  if (json)
    out += '"';
  for (const auto& field : fields) {
    out += json ? ",\"" : " ";
    append_escaped(out, field.key, style, log_text_bytes_max);
    out += json ? "\":" : "=";
    std::visit([&](const auto& value) { append_value(out, format, value); }, field.value);
  }
  return out;
}

std::string log_line_of(log_format format, std::chrono::system_clock::time_point time,
                        log_level level, std::string_view body) {
  const auto name = log_level_names[static_cast<std::size_t>(level)];
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string out;
  out.reserve(body.size() + 64);
  if (format == log_format::json) {
    out += "{\"time\":\"";
    append_timestamp(out, ms);
    out += "\",\"level\":\"";
    out += name;
    out += "\",";
    out += body;
    out += "}\n";
  } else {
    append_timestamp(out, ms);
    out += ' ';
    out += name;
    out.append(8 - name.size(), ' ');
    out += body;
    out += '\n';
  }
  return out;
}

} // namespace troupe
