#include "troupe/json/unicode.hpp"

#include <algorithm>
#include <iterator>

namespace troupe {

namespace {

struct range {
  char32_t first, last;
  glyph what;
};

// In order. What lies between them is shown.
constexpr range ranges[] = {
  {0x00, 0x1f, glyph::control},        {0x20, 0x20, glyph::blank},
  {0x21, 0x7e, glyph::ascii},          {0x7f, 0x9f, glyph::control},
  {0xa0, 0xa0, glyph::blank},          {0xad, 0xad, glyph::hidden},
  {0x34f, 0x34f, glyph::selector},     {0x600, 0x605, glyph::hidden},
  {0x61c, 0x61c, glyph::control},      {0x6dd, 0x6dd, glyph::hidden},
  {0x70f, 0x70f, glyph::hidden},       {0x890, 0x891, glyph::hidden},
  {0x8e2, 0x8e2, glyph::hidden},       {0x115f, 0x1160, glyph::hidden},
  {0x1680, 0x1680, glyph::blank},      {0x17b4, 0x17b5, glyph::hidden},
  {0x180b, 0x180d, glyph::selector},   {0x180e, 0x180e, glyph::hidden},
  {0x180f, 0x180f, glyph::selector},   {0x2000, 0x200a, glyph::blank},
  {0x200b, 0x200b, glyph::hidden},     {0x200c, 0x200d, glyph::joiner},
  {0x200e, 0x200f, glyph::control},    {0x2028, 0x202e, glyph::control},
  {0x202f, 0x202f, glyph::blank},      {0x205f, 0x205f, glyph::blank},
  {0x2060, 0x2065, glyph::hidden},     {0x2066, 0x2069, glyph::control},
  {0x206a, 0x206f, glyph::hidden},     {0x2800, 0x2800, glyph::blank},
  {0x3000, 0x3000, glyph::blank},      {0x3164, 0x3164, glyph::hidden},
  {0xfdd0, 0xfdef, glyph::hidden},     {0xfe00, 0xfe0f, glyph::selector},
  {0xfeff, 0xfeff, glyph::hidden},     {0xffa0, 0xffa0, glyph::hidden},
  {0xfff0, 0xfffb, glyph::hidden},     {0x110bd, 0x110bd, glyph::hidden},
  {0x110cd, 0x110cd, glyph::hidden},   {0x13430, 0x1343f, glyph::hidden},
  {0x13441, 0x13442, glyph::blank},    {0x16fe4, 0x16fe4, glyph::blank},
  {0x1bca0, 0x1bca3, glyph::hidden},   {0x1d159, 0x1d159, glyph::blank},
  {0x1d173, 0x1d17a, glyph::hidden},   {0xe0000, 0xe00ff, glyph::hidden},
  {0xe0100, 0xe01ef, glyph::selector}, {0xe01f0, 0xe0fff, glyph::hidden},
};

constexpr bool in_order() {
  for (std::size_t i = 1; i < std::size(ranges); ++i)
    if (ranges[i - 1].last >= ranges[i].first)
      return false;
  return true;
}
static_assert(in_order());

} // namespace

glyph glyph_of(char32_t character) {
  if ((character & 0xfffe) == 0xfffe) // the last two of each plane are noncharacters
    return glyph::hidden;
  const auto* const at =
    std::ranges::lower_bound(ranges, character, {}, [](const range& each) { return each.last; });
  return at != std::end(ranges) && at->first <= character ? at->what : glyph::shown;
}

char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  char32_t out = length == 1 ? byte(0) : byte(0) & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i)
    out = out << 6 | (byte(i) & 0x3fu);
  text.remove_prefix(length);
  return out;
}

} // namespace troupe
