#include "troupe/wire/base32.hpp"

namespace troupe {

namespace {

constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr unsigned digit_bits = 5;
static_assert(digits.size() == 1u << digit_bits);
static_assert(base32_length * digit_bits >= 64);

} // namespace

std::string base32(std::uint64_t number) {
  std::string text(base32_length, ' ');
  for (auto at = text.size(); at-- > 0; number >>= digit_bits)
    text[at] = digits[number & (digits.size() - 1)];
  return text;
}

std::optional<std::uint64_t> read_base32(std::string_view text) {
  if (text.size() != base32_length)
    return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos || number >> (64 - digit_bits) != 0)
      return std::nullopt;
    number = number << digit_bits | digit;
  }
  return number;
}

} // namespace troupe
