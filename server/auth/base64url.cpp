#include "server/auth/base64url.hpp"

#include <array>
#include <cstdint>

namespace troupe {

namespace {

constexpr std::string_view alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto digits = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

} // namespace

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t held = 0; // bits that are not yet a byte, the lowest `count`
  unsigned count = 0;
  for (const char c : text) {
    const auto digit = digits[static_cast<unsigned char>(c)];
    if (digit == no_digit)
      return std::nullopt;
    held = (held << 6 | digit) & 0xffff;
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    bytes += static_cast<char>(held >> count & 0xff);
  }
  if ((held & ((1u << count) - 1)) != 0)
    return std::nullopt;
  return bytes;
}

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    held = (held << 8 | static_cast<unsigned char>(c)) & 0xffff;
    count += 8;
    for (; count >= 6; count -= 6)
      text += alphabet[held >> (count - 6) & 0x3f];
  }
  if (count > 0)
    text += alphabet[held << (6 - count) & 0x3f];
  return text;
}

} // namespace troupe
