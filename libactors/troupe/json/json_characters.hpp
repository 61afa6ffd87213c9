// Characters of JSON text, for the scanner and the unescaper. Pure.
#pragma once

namespace troupe {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

// Four hex digits at `p`, or -1.
inline int hex4(const char* p, const char* end) {
  if (end - p < 4)
    return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
  }
  return value;
}

inline bool is_high_surrogate(int unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

inline bool is_low_surrogate(int unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

} // namespace troupe
