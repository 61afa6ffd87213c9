#include "troupe/wire/name_part.hpp"

namespace troupe {

namespace {

constexpr std::size_t written_bytes = 3;

constexpr bool stands_for_itself(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '@' || c == '/';
}

constexpr char hex_digit(unsigned value) {
  return static_cast<char>(value < 10 ? '0' + value : 'A' + (value - 10));
}

} // namespace

std::string name_part_of(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char each : value) {
    const auto c = static_cast<unsigned char>(each);
    if (stands_for_itself(c))
      out += each;
    else
      (((out += ':') += hex_digit(c >> 4)) += hex_digit(c & 15));
  }
  return out;
}

bool is_name_part_of(std::string_view part, std::string_view value) {
  if (value.empty())
    return false;
  for (const char each : value) {
    const auto c = static_cast<unsigned char>(each);
    const char written[written_bytes] = {':', hex_digit(c >> 4), hex_digit(c & 15)};
    const auto wanted =
      stands_for_itself(c) ? std::string_view(&each, 1) : std::string_view(written, written_bytes);
    if (!part.starts_with(wanted))
      return false;
    part.remove_prefix(wanted.size());
  }
  return part.empty();
}

} // namespace troupe
