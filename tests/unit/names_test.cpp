#include "troupe/wire/names.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace troupe {
namespace {

constexpr std::string_view allowed =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:@/";

// The rule word for word: split at the dots, look at each token.
bool is_name(const std::string& name) {
  if (name.size() > 128)
    return false;
  std::vector<std::string> tokens{""};
  for (char c : name)
    if (c == '.')
      tokens.emplace_back();
    else
      tokens.back().push_back(c);
  for (const auto& token : tokens)
    if (token.empty() || token.find_first_not_of(allowed) != std::string::npos)
      return false;
  return true;
}

TEST(names, a_name_of_one_byte_is_any_allowed_character_but_a_dot) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name(1, static_cast<char>(byte));
    const bool expected = name != "." && allowed.find(name) != std::string_view::npos;
    EXPECT_EQ(valid_name(name), expected) << "byte " << byte;
    EXPECT_EQ(valid_name("a" + name + "b"), name == "." || expected) << "byte " << byte;
  }
}

TEST(names, a_name_has_1_to_128_bytes) {
  EXPECT_FALSE(valid_name(""));
  EXPECT_TRUE(valid_name(std::string(128, 'a')));
  EXPECT_FALSE(valid_name(std::string(129, 'a')));
}

TEST(names, no_token_is_empty) {
  for (const auto* name : {".", "..", ".a", "a.", "a..b", ".a.b", "a.b.", "a.b..c"})
    EXPECT_FALSE(valid_name(name)) << name;
  for (const auto* name : {"a.b", "a.b.c", "orders.created", "user:1@home/x.y_z-0"})
    EXPECT_TRUE(valid_name(name)) << name;
}

TEST(names, wildcards_and_control_characters_never_pass) {
  for (const auto* name : {"*", ">", "a.*", "a.>", "a b", "a\nb", "a\rb", "a\tb", "caf\xc3\xa9"})
    EXPECT_FALSE(valid_name(name)) << name;
  EXPECT_FALSE(valid_name(std::string_view("a\0b", 3)));
}

TEST(names, random_texts_are_judged_as_by_the_rule) {
  std::mt19937_64 dice(1);
  constexpr std::string_view drawn = "aZ09_-...:@/* >\n\xc3";
  int valid = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string name(dice() % 8, '\0');
    for (char& c : name)
      c = drawn[dice() % drawn.size()];
    ASSERT_EQ(valid_name(name), is_name(name)) << name;
    valid += valid_name(name) ? 1 : 0;
  }
  EXPECT_GT(valid, 1000);
}

TEST(names, an_event_is_a_short_name_without_at_and_slash) {
  EXPECT_TRUE(valid_event("order_update"));
  EXPECT_TRUE(valid_event("order.created:2-x"));
  EXPECT_TRUE(valid_event(std::string(64, 'e')));
  EXPECT_FALSE(valid_event(std::string(65, 'e')));
  for (const auto* event : {"", ".", "a..b", "a@b", "a/b", "a b", "a\"b", "*"})
    EXPECT_FALSE(valid_event(event)) << event;
}

TEST(names, an_event_is_no_frame_type_of_the_servers_own) {
  for (const auto* event :
       {"connection", "authenticated", "subscribed", "unsubscribed", "joined", "left",
        "user_joined", "user_left", "message", "announcement", "ping", "pong", "error",
        "disconnect", "published", "presence", "history", "admin_result", "rpc_result"})
    EXPECT_FALSE(valid_event(event)) << event;
  EXPECT_TRUE(valid_event("publication")) << "the type of a publication without an event";
  EXPECT_TRUE(valid_event("messages")) << "only the very word is taken";
}

TEST(names, a_user_is_called_anything_printable) {
  EXPECT_TRUE(valid_user("Zo\xc3\xab \xf0\x9f\x98\x80 <b>&amp;", 64));
  EXPECT_FALSE(valid_user("", 64));
  EXPECT_TRUE(valid_user("12345", 5));
  EXPECT_FALSE(valid_user("123456", 5));
  EXPECT_FALSE(valid_user("\xc3", 64)) << "half a character";
  for (int byte = 0; byte < 128; ++byte)
    EXPECT_EQ(valid_user(std::string("a") + static_cast<char>(byte), 64),
              byte >= 0x20 && byte != 0x7f)
      << "byte " << byte;
}

} // namespace
} // namespace troupe
