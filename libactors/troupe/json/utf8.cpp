#include "troupe/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace troupe {

namespace {

// The length of the sequence at `p`, or 0 when it is none. Table 3-7 of the Unicode standard.
unsigned sequence_length(const unsigned char* p, const unsigned char* end) {
  auto continues = [&](unsigned i, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return p + i < end && p[i] >= low && p[i] <= high;
  };
  const unsigned char c = p[0];
  if (c < 0x80)
    return 1;
  if (c >= 0xc2 && c <= 0xdf)
    return continues(1) ? 2 : 0;
  if (c >= 0xe0 && c <= 0xef) {
    const unsigned char low = c == 0xe0 ? 0xa0 : 0x80;
    const unsigned char high = c == 0xed ? 0x9f : 0xbf;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (c >= 0xf0 && c <= 0xf4) {
    const unsigned char low = c == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = c == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// Where the first sequence is that is none, or cut; or the end.
const unsigned char* pass_characters(const unsigned char* p, const unsigned char* end) {
  while (p < end) {
    // Most of what people send is ASCII: eight bytes at a time.
    while (end - p >= 8) {
      std::uint64_t word;
      std::memcpy(&word, p, sizeof word);
      if ((word & 0x8080808080808080u) != 0)
        break;
      p += 8;
    }
    if (p == end)
      break;
    const unsigned length = sequence_length(p, end);
    if (length == 0)
      break;
    p += length;
  }
  return p;
}

// Whether some continuation makes a sequence of these bytes, of which there is one at least: the
// lowest and the highest stand for all others.
bool may_go_on(const unsigned char* p, const unsigned char* end) {
  if (end - p >= 4)
    return false;
  for (const unsigned char filling : {0x80, 0xbf}) {
    std::array<unsigned char, 4> whole{filling, filling, filling, filling};
    std::copy(p, end, whole.begin());
    if (sequence_length(whole.data(), whole.data() + whole.size()) > static_cast<unsigned>(end - p))
      return true;
  }
  return false;
}

} // namespace

bool valid_utf8(std::string_view bytes) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(bytes.data());
  return pass_characters(begin, begin + bytes.size()) == begin + bytes.size();
}

std::optional<std::size_t> whole_characters(std::string_view bytes) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = begin + bytes.size();
  const auto* const stopped = pass_characters(begin, end);
  if (stopped < end && !may_go_on(stopped, end))
    return std::nullopt;
  return static_cast<std::size_t>(stopped - begin);
}

} // namespace troupe
