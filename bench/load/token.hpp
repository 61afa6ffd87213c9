// The mark that a benchmark message carries through any server: who sent it, as which of its
// messages, and when it was due. 20 characters that no server escapes or changes:
//   ~ | run (3) | due in ns since the run began (8) | publisher (4) | sequence (4)
// in base 64. A receiver finds it wherever the server has put the message's text, and a mark of
// another run (a server that keeps history) is not mistaken for one of ours. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe::bench {

struct token {
  std::uint64_t due = 0;       // ns since the run's base time; 48 bits
  std::uint32_t publisher = 0; // 24 bits
  std::uint32_t sequence = 0;  // 24 bits, from 0 for each publisher
};

inline constexpr std::size_t token_size = 20;
inline constexpr char token_mark = '~';
// Sent before the run, until a room or topic has reached all its members.
inline constexpr std::uint32_t probe_publisher = 0xffffff;

namespace detail {
inline constexpr std::string_view digits =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}
inline constexpr auto values = digit_values();

template <int N>
std::uint64_t read_digits(const char* p) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < N; ++i)
    value = (value << 6) | values[static_cast<unsigned char>(p[i])];
  return value;
}

template <int N>
void write_digits(char* p, std::uint64_t value) noexcept {
  for (int i = N - 1; i >= 0; --i, value >>= 6)
    p[i] = digits[value & 63];
}
} // namespace detail

// The first four characters of every token of one run.
using run_mark = std::array<char, 4>;

inline run_mark make_run_mark(std::uint32_t run) noexcept {
  run_mark mark{token_mark};
  detail::write_digits<3>(mark.data() + 1, run);
  return mark;
}

inline void write_token(char* p, const run_mark& mark, const token& t) noexcept {
  std::memcpy(p, mark.data(), mark.size());
  detail::write_digits<8>(p + 4, t.due);
  detail::write_digits<4>(p + 12, t.publisher);
  detail::write_digits<4>(p + 16, t.sequence);
}

inline token read_token(const char* p) noexcept {
  return {detail::read_digits<8>(p + 4), static_cast<std::uint32_t>(detail::read_digits<4>(p + 12)),
          static_cast<std::uint32_t>(detail::read_digits<4>(p + 16))};
}

// Calls found(token) for every token of this run in `text`. Returns how many bytes at the end may
// be the beginning of a token that goes on in the next piece (0 when none).
template <class Found>
std::size_t for_each_token(std::string_view text, const run_mark& mark, Found&& found) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    const void* hit = std::memchr(p, token_mark, static_cast<std::size_t>(end - p));
    if (hit == nullptr)
      return 0;
    p = static_cast<const char*>(hit);
    const auto left = static_cast<std::size_t>(end - p);
    if (left < token_size)
      return left;
    if (std::memcmp(p, mark.data(), mark.size()) == 0) {
      found(read_token(p));
      p += token_size;
    } else {
      ++p;
    }
  }
  return 0;
}

} // namespace troupe::bench
