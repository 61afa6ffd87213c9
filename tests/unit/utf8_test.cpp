#include "troupe/json/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

namespace troupe {
namespace {

// Decodes by the definition, one bit pattern after the other, and refuses what has a shorter form.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t size = 0;
    std::uint32_t point = 0;
    if ((lead & 0x80) == 0) {
      size = 1;
      point = lead;
    } else if ((lead & 0xe0) == 0xc0) {
      size = 2;
      point = lead & 0x1fu;
    } else if ((lead & 0xf0) == 0xe0) {
      size = 3;
      point = lead & 0x0fu;
    } else if ((lead & 0xf8) == 0xf0) {
      size = 4;
      point = lead & 0x07u;
    } else {
      return false;
    }
    if (i + size > text.size())
      return false;
    for (std::size_t k = 1; k < size; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80)
        return false;
      point = point << 6 | (next & 0x3fu);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false;
    i += size;
  }
  return true;
}

std::string encoded(std::uint32_t point) {
  auto byte = [](std::uint32_t b) { return static_cast<char>(b); };
  if (point < 0x80)
    return {byte(point)};
  if (point < 0x800)
    return {byte(0xc0 | point >> 6), byte(0x80 | (point & 0x3f))};
  if (point < 0x10000)
    return {byte(0xe0 | point >> 12), byte(0x80 | (point >> 6 & 0x3f)),
            byte(0x80 | (point & 0x3f))};
  return {byte(0xf0 | point >> 18), byte(0x80 | (point >> 12 & 0x3f)),
          byte(0x80 | (point >> 6 & 0x3f)), byte(0x80 | (point & 0x3f))};
}

TEST(utf8, every_code_point_but_the_surrogates_is_valid) {
  for (std::uint32_t point = 0; point <= 0x10ffff; ++point) {
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    ASSERT_EQ(valid_utf8(encoded(point)), !surrogate) << std::hex << point;
  }
  EXPECT_FALSE(valid_utf8(encoded(0x110000)));
}

TEST(utf8, every_two_bytes_are_judged_as_by_the_definition) {
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    const std::string text{static_cast<char>(pair >> 8), static_cast<char>(pair & 0xff)};
    ASSERT_EQ(valid_utf8(text), is_utf8(text)) << std::hex << pair;
  }
}

TEST(utf8, random_bytes_are_judged_as_by_the_definition) {
  std::mt19937_64 dice(2);
  // Bytes at which something changes, so that whole sequences come up often.
  constexpr unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                     0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                     0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff};
  int valid = 0;
  for (int i = 0; i < 500'000; ++i) {
    std::string text(dice() % 6, '\0');
    for (char& c : text)
      c = static_cast<char>(edges[dice() % sizeof edges]);
    ASSERT_EQ(valid_utf8(text), is_utf8(text)) << testing::PrintToString(text);
    valid += valid_utf8(text) ? 1 : 0;
  }
  EXPECT_GT(valid, 10'000);
}

// Eight bytes are looked at together: a fault must be found wherever it stands.
TEST(utf8, a_fault_is_found_at_every_place_of_a_long_text) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\xff';
      EXPECT_FALSE(valid_utf8(text)) << size << " " << at;
      text.replace(at, 1, "\xc3\xa9");
      EXPECT_TRUE(valid_utf8(text)) << size << " " << at;
      text.erase(at + 1, 1);
      EXPECT_FALSE(valid_utf8(text)) << size << " " << at;
    }
  }
}

// Whether something can follow that makes it valid: tried with the bytes at which something
// changes.
bool may_become_utf8(const std::string& text, int more = 3) {
  if (is_utf8(text))
    return true;
  if (more == 0)
    return false;
  for (const char next : {'\x80', '\x8f', '\x90', '\x9f', '\xa0', '\xbf'})
    if (may_become_utf8(text + next, more - 1))
      return true;
  return false;
}

TEST(utf8, the_beginning_of_a_text_is_known_for_what_it_is) {
  std::mt19937_64 dice(3);
  constexpr unsigned char edges[] = {0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1,
                                     0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5};
  int cut = 0, broken = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text(dice() % 6, '\0');
    for (char& c : text)
      c = static_cast<char>(edges[dice() % sizeof edges]);
    const auto whole = whole_characters(text);
    ASSERT_EQ(whole.has_value(), may_become_utf8(text)) << testing::PrintToString(text);
    if (!whole) {
      ++broken;
      continue;
    }
    ASSERT_TRUE(is_utf8(text.substr(0, *whole))) << testing::PrintToString(text);
    ASSERT_LT(text.size() - *whole, 4u);
    ASSERT_EQ(*whole == text.size(), is_utf8(text)) << testing::PrintToString(text);
    cut += *whole < text.size() ? 1 : 0;
  }
  EXPECT_GT(cut, 1'000);
  EXPECT_GT(broken, 1'000);
}

TEST(utf8, text_cut_in_the_middle_of_a_character_is_not_valid) {
  const std::string whole = "0123456\xf0\x9f\x98\x80";
  EXPECT_TRUE(valid_utf8(whole));
  for (std::size_t cut = 1; cut < 4; ++cut)
    EXPECT_FALSE(valid_utf8(std::string_view(whole).substr(0, whole.size() - cut))) << cut;
  EXPECT_TRUE(valid_utf8(""));
}

} // namespace
} // namespace troupe
