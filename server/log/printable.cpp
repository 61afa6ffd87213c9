#include "server/log/printable.hpp"

#include "troupe/json/unicode.hpp"
#include "troupe/json/utf8.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// Bytes of the UTF-8 sequence that `bytes` starts with, or 0 when there is none.
std::size_t sequence_length(std::string_view bytes) {
  if (byte_at(bytes, 0) < 0x80)
    return 1;
  for (std::size_t n = 2; n <= 4 && n <= bytes.size(); ++n)
    if (valid_utf8(bytes.substr(0, n)))
      return n;
  return 0;
}

// What moves a cursor, ends a line somewhere or reorders it. 0 for any other sequence.
unsigned control_beyond_ascii(std::string_view sequence) {
  const char32_t c = take_character(sequence);
  return glyph_of(c) == glyph::control ? static_cast<unsigned>(c) : 0;
}

void append_hex(std::string& out, std::string_view prefix, unsigned value, int width) {
  out += prefix;
  for (int shift = 4 * (width - 1); shift >= 0; shift -= 4)
    out += digits[value >> shift & 0xf];
}

void append_ascii(std::string& out, unsigned c, escape_style style) {
  const bool json = style == escape_style::json;
  if (c == '\n')
    out += "\\n";
  else if (c == '\r')
    out += "\\r";
  else if (c == '\t')
    out += "\\t";
  else if (c < 0x20 || c == 0x7f)
    append_hex(out, json ? "\\u" : "\\x", c, json ? 4 : 2);
  else {
    if ((c == '"' || c == '\\') && style != escape_style::text)
      out += '\\';
    out += static_cast<char>(c);
  }
}

// The longest prefix of at most `bytes_max` bytes that does not end inside a UTF-8 sequence.
std::string_view prefix_of(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() <= bytes_max)
    return bytes;
  std::size_t end = bytes_max;
  for (int back = 0; back < 3 && end > 0 && (byte_at(bytes, end) & 0xc0) == 0x80; ++back)
    --end;
  return bytes.substr(0, end);
}

} // namespace

void append_escaped(std::string& out, std::string_view bytes, escape_style style,
                    std::size_t bytes_max) {
  const auto kept = prefix_of(bytes, bytes_max);
  out.reserve(out.size() + kept.size());
  for (std::size_t i = 0; i < kept.size();) {
    const std::size_t length = sequence_length(kept.substr(i));
    const auto sequence = kept.substr(i, std::max<std::size_t>(length, 1));
    if (length == 0 && style == escape_style::json)
      out += "\xef\xbf\xbd";
    else if (length == 0)
      append_hex(out, "\\x", byte_at(kept, i), 2);
    else if (length == 1)
      append_ascii(out, byte_at(kept, i), style);
    else if (const unsigned control = control_beyond_ascii(sequence); control != 0)
      append_hex(out, "\\u", control, 4);
    else
      out += sequence;
    i += sequence.size();
  }
  if (kept.size() < bytes.size())
    out += "…(+" + std::to_string(bytes.size() - kept.size()) + " bytes)";
}

std::string in_quotes(std::string_view bytes, std::size_t bytes_max) {
  std::string out = "\"";
  append_escaped(out, bytes, escape_style::quoted, bytes_max);
  return out + '"';
}

bool is_printable(std::string_view bytes) {
  std::string shown;
  append_escaped(shown, bytes, escape_style::text);
  return shown == bytes;
}

} // namespace troupe
