#include "troupe/wire/ids.hpp"

namespace troupe {

std::string format_id(std::string_view epoch, connection_id connection) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text = std::string(epoch) + "-";
  for (int shift = 60; shift >= 0; shift -= 4)
    text += hex[connection.value >> shift & 15];
  return text;
}

} // namespace troupe
