#include "troupe/json_scan.hpp"

#include "troupe/json_characters.hpp"

#include <algorithm>

namespace troupe {

namespace {

// Walks over the text once. Every step returns false after setting `error`.
struct scanner {
  const char* p;
  const char* const begin;
  const char* const end;
  const unsigned depth_max;
  json_error error{};

  scanner(std::string_view text, unsigned depth)
    : p(text.data()),
      begin(text.data()),
      end(text.data() + text.size()),
      depth_max(std::min(depth, 64u)) {}

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

  bool key_and_colon(json_slice& key) {
    if (!string(key))
      return false;
    skip_space();
    if (!at(':'))
      return fail("':' expected");
    ++p;
    skip_space();
    return true;
  }

  // An array or object, whatever it holds, without recursion: `objects` has one bit a level.
  bool container(json_slice& out, unsigned depth) {
    const char* const start = p;
    const unsigned outer = depth;
    std::uint64_t objects = 0;
    json_slice ignored;
    out.kind = at('{') ? json_kind::object : json_kind::array;
    for (;;) {
      // Here `p` is at a value. Open as many containers as begin here.
      bool empty = false;
      while (at('{') || at('[')) {
        if (++depth > depth_max)
          return fail("nested too deeply");
        const bool object = *p == '{';
        objects = objects << 1 | (object ? 1u : 0u);
        ++p;
        skip_space();
        if (at(object ? '}' : ']')) {
          empty = true;
          break;
        }
        if (object && !key_and_colon(ignored))
          return false;
      }
      if (!empty && !scalar(ignored))
        return false;
      // After a value: close what ends here, or go on to the next value.
      for (;;) {
        skip_space();
        const bool object = (objects & 1) != 0;
        if (at(object ? '}' : ']')) {
          ++p;
          objects >>= 1;
          if (--depth == outer) {
            out.text = {start, static_cast<std::size_t>(p - start)};
            out.escaped = false;
            return true;
          }
          continue;
        }
        if (!at(','))
          return fail(object ? "',' or '}' expected" : "',' or ']' expected");
        ++p;
        skip_space();
        if (object && !key_and_colon(ignored))
          return false;
        break;
      }
    }
  }

  bool value(json_slice& out, unsigned depth) {
    return at('{') || at('[') ? container(out, depth) : scalar(out);
  }

  bool end_of_text() {
    skip_space();
    return p == end || fail("something follows the value");
  }

  bool object(std::vector<json_member>& out) {
    skip_space();
    if (!at('{'))
      return fail("object expected");
    ++p;
    skip_space();
    if (at('}')) {
      ++p;
      return end_of_text();
    }
    for (;;) {
      json_member member;
      if (!key_and_colon(member.key) || !value(member.value, 1))
        return false;
      out.push_back(member);
      skip_space();
      if (at('}')) {
        ++p;
        return end_of_text();
      }
      if (!at(','))
        return fail("',' or '}' expected");
      ++p;
      skip_space();
    }
  }
};

} // namespace

std::optional<json_error> scan_object(std::string_view text, unsigned depth_max,
                                      std::vector<json_member>& out) {
  scanner scan(text, depth_max);
  if (scan.object(out))
    return std::nullopt;
  return scan.error;
}

std::optional<json_error> scan_value(std::string_view text, unsigned depth_max, json_slice& out) {
  scanner scan(text, depth_max);
  scan.skip_space();
  if (scan.value(out, 0) && scan.end_of_text())
    return std::nullopt;
  return scan.error;
}

void scan_elements(const json_slice& array, std::vector<json_slice>& out) {
  scanner scan(array.text, 64);
  ++scan.p;
  scan.skip_space();
  while (!scan.at(']')) {
    json_slice element;
    if (!scan.value(element, 0))
      return;
    out.push_back(element);
    scan.skip_space();
    if (scan.at(',')) {
      ++scan.p;
      scan.skip_space();
    }
  }
}

} // namespace troupe
