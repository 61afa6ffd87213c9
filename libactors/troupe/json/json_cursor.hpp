// Reads the tokens of a JSON text one by one: the part of the scanner below objects and arrays.
// Belongs to one scan. Every step returns false after setting `error`.
#pragma once

#include "troupe/json/json_characters.hpp"
#include "troupe/json/json_scan.hpp"

#include <cstddef>
#include <string_view>

namespace troupe {

struct json_cursor {
  const char* p;
  const char* const begin;
  const char* const end;
  json_error error{};

  explicit json_cursor(std::string_view text)
    : p(text.data()),
      begin(text.data()),
      end(text.data() + text.size()) {}

  bool fail(std::string_view what) {
    error = {what, static_cast<std::size_t>(p - begin)};
    return false;
  }

  void skip_space() {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
      ++p;
  }

  bool at(char c) const { return p < end && *p == c; }

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end - p) < word.size() || std::string_view(p, word.size()) != word)
      return fail("unexpected character");
    p += word.size();
    return true;
  }

  bool digits() {
    if (p == end || !is_digit(*p))
      return fail("digit expected");
    while (p < end && is_digit(*p))
      ++p;
    return true;
  }

  bool number() {
    const char* const start = p;
    if (at('-'))
      ++p;
    if (at('0'))
      ++p;
    else if (!digits())
      return false;
    if (at('.')) {
      ++p;
      if (!digits())
        return false;
    }
    if (at('e') || at('E')) {
      ++p;
      if (at('+') || at('-'))
        ++p;
      if (!digits())
        return false;
    }
    if (static_cast<std::size_t>(p - start) > json_number_bytes_max)
      return fail("number too long");
    return true;
  }

  bool unicode_escape() {
    const int unit = hex4(p, end);
    if (unit < 0)
      return fail("four hex digits expected");
    p += 4;
    if (is_low_surrogate(unit))
      return fail("lone surrogate");
    if (!is_high_surrogate(unit))
      return true;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !is_low_surrogate(hex4(p + 2, end)))
      return fail("lone surrogate");
    p += 6;
    return true;
  }

  bool escape() {
    ++p;
    if (p == end)
      return fail("unfinished string");
    switch (*p) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      ++p;
      return true;
    case 'u':
      ++p;
      return unicode_escape();
    default:
      return fail("unknown escape");
    }
  }

  bool string(json_slice& out) {
    if (!at('"'))
      return fail("string expected");
    const char* const start = ++p;
    bool escaped = false;
    for (;;) {
      if (p == end)
        return fail("unfinished string");
      const auto c = static_cast<unsigned char>(*p);
      if (c == '"')
        break;
      if (c < 0x20)
        return fail("control character in a string");
      if (c == '\\') {
        escaped = true;
        if (!escape())
          return false;
      } else {
        ++p;
      }
    }
    out = {{start, static_cast<std::size_t>(p - start)}, json_kind::string, escaped};
    ++p;
    return true;
  }

  // A value that has no values inside.
  bool scalar(json_slice& out) {
    const char* const start = p;
    bool ok = false;
    switch (p == end ? '\0' : *p) {
    case '"':
      return string(out);
    case 't':
      ok = literal("true");
      out.kind = json_kind::boolean;
      break;
    case 'f':
      ok = literal("false");
      out.kind = json_kind::boolean;
      break;
    case 'n':
      ok = literal("null");
      out.kind = json_kind::null;
      break;
    default:
      if (p == end || (*p != '-' && !is_digit(*p)))
        return fail("value expected");
      ok = number();
      out.kind = json_kind::number;
    }
    out.text = {start, static_cast<std::size_t>(p - start)};
    out.escaped = false;
    return ok;
  }
};

} // namespace troupe
