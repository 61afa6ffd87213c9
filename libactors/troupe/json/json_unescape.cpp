#include "troupe/json/json_characters.hpp"
#include "troupe/json/json_scan.hpp"

namespace troupe {

namespace {

void append_utf8(std::string& out, std::uint32_t code_point) {
  auto byte = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xc0 | code_point >> 6);
    byte(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    byte(0xe0 | code_point >> 12);
    byte(0x80 | (code_point >> 6 & 0x3f));
    byte(0x80 | (code_point & 0x3f));
  } else {
    byte(0xf0 | code_point >> 18);
    byte(0x80 | (code_point >> 12 & 0x3f));
    byte(0x80 | (code_point >> 6 & 0x3f));
    byte(0x80 | (code_point & 0x3f));
  }
}

// The character that a checked escape at `p` (behind the backslash) means; moves `p` behind it.
void append_escape(std::string& out, const char*& p, const char* end) {
  const char c = *p++;
  switch (c) {
  case 'b':
    out.push_back('\b');
    return;
  case 'f':
    out.push_back('\f');
    return;
  case 'n':
    out.push_back('\n');
    return;
  case 'r':
    out.push_back('\r');
    return;
  case 't':
    out.push_back('\t');
    return;
  case 'u':
    break;
  default:
    out.push_back(c);
    return;
  }
  auto code_point = static_cast<std::uint32_t>(hex4(p, end));
  p += 4;
  if (is_high_surrogate(static_cast<int>(code_point))) {
    const auto low = static_cast<std::uint32_t>(hex4(p + 2, end));
    p += 6;
    code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(out, code_point);
}

} // namespace

std::string json_unescape(const json_slice& string) {
  if (!string.escaped)
    return std::string(string.text);
  std::string out;
  out.reserve(string.text.size());
  const char* p = string.text.data();
  const char* const end = p + string.text.size();
  while (p < end) {
    if (*p != '\\') {
      out.push_back(*p++);
      continue;
    }
    ++p;
    append_escape(out, p, end);
  }
  return out;
}

} // namespace troupe
