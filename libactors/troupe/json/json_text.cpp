#include "troupe/json/json_text.hpp"

#include <charconv>
#include <cmath>

namespace troupe {

namespace {

bool is_line_separator(std::string_view text, std::size_t at) {
  return text.size() - at >= 3 && text[at] == '\xe2' && text[at + 1] == '\x80' &&
         (text[at + 2] == '\xa8' || text[at + 2] == '\xa9');
}

void append_control(std::string& out, unsigned char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += hex[c >> 4];
    out += hex[c & 15];
  }
}

template <class Number>
void append_digits(std::string& out, Number number) {
  char digits[32]; // the longest double has 24
  const auto result = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, result.ptr);
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain = 0; // start of what needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool separator = c == 0xe2 && is_line_separator(text, i);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && !separator)
      continue;
    out.append(text, plain, i - plain);
    if (separator) {
      out += text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(text[i]);
    } else {
      append_control(out, c);
    }
    plain = i + 1;
  }
  out.append(text, plain);
  out.push_back('"');
}

void append_number(std::string& out, std::uint64_t number) {
  append_digits(out, number);
}

void append_number(std::string& out, std::int64_t number) {
  append_digits(out, number);
}

void append_number(std::string& out, double number) {
  if (std::isfinite(number))
    append_digits(out, number);
  else
    out += "null";
}

void json_fields::key(std::string_view name) {
  out_ += ",\"";
  out_ += name;
  out_ += "\":";
}

json_fields& json_fields::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
  return *this;
}

json_fields& json_fields::number(std::string_view name, double value) {
  key(name);
  append_number(out_, value);
  return *this;
}

json_fields& json_fields::null(std::string_view name) {
  return raw(name, "null");
}

json_fields& json_fields::flag(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

json_fields& json_fields::written(std::string_view fields) {
  out_ += fields;
  return *this;
}

json_fields& json_fields::raw(std::string_view name, std::string_view value) {
  key(name);
  out_ += value;
  return *this;
}

} // namespace troupe
