// Base64url: what encodes comes back, and nothing else is taken.
#include "server/auth/base64url.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(token_base64url, the_vectors_of_rfc_4648_without_padding) {
  const struct {
    std::string_view bytes, text;
  } vectors[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_decode(text), bytes);
  }
}

TEST(token_base64url, every_byte_comes_back_at_every_place) {
  for (std::size_t place = 0; place < 5; ++place)
    for (int byte = 0; byte < 256; ++byte) {
      std::string bytes(5, '\xa5');
      bytes[place] = static_cast<char>(byte);
      EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    }
}

TEST(token_base64url, each_text_of_four_characters_is_refused_or_the_only_one_for_its_bytes) {
  constexpr std::string_view some = "AQgwZz09-_+/=. \n\xff";
  for (const char a : some)
    for (const char b : some)
      for (std::size_t size = 1; size <= 4; ++size) {
        const auto text = (std::string{'A', 'B', 'C', a}.substr(4 - size) + b).substr(1);
        const auto bytes = base64url_decode(text);
        EXPECT_TRUE(!bytes || base64url_encode(*bytes) == text) << text;
      }
}

TEST(token_base64url, refused) {
  const std::string_view wrong[] = {"A",     "AAAAA",       "Zg==",      "Zm8=",  "Zh",
                                    "Zm9",   "Zm9v=",       "+/+/",      "Zm 9v", "Zm9v\n",
                                    "Zm9v.", "\xc3\xa9zzz", {"Zm\0v", 4}};
  for (const auto text : wrong)
    EXPECT_FALSE(base64url_decode(text)) << text;
}
