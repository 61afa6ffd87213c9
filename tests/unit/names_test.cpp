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
       {"connection",  "authenticated", "subscribed", "unsubscribed", "joined",   "left",
        "user_joined", "user_left",     "message",    "ping",         "pong",     "error",
        "disconnect",  "published",     "sent",       "gap",          "presence", "history",
        "signal",      "admin_result",  "rpc_result"})
    EXPECT_FALSE(valid_event(event)) << event;
  EXPECT_TRUE(valid_event("publication")) << "the type of a publication without an event";
  EXPECT_TRUE(valid_event("messages")) << "only the very word is taken";
}

TEST(names, an_event_that_is_the_word_of_services_is_not_free_for_clients) {
  for (const auto* event : {"announcement", "notification"}) {
    EXPECT_TRUE(valid_event(event)) << event;
    EXPECT_FALSE(free_for_clients(event)) << event;
  }
  EXPECT_TRUE(free_for_clients("order_update"));
}

TEST(names, a_user_is_called_anything_that_can_be_seen) {
  EXPECT_FALSE(valid_display_name("", 64));
  EXPECT_TRUE(valid_display_name("12345", 5));
  EXPECT_FALSE(valid_display_name("123456", 5));
  EXPECT_FALSE(valid_display_name("\xc3", 64)) << "half a character";
  for (int byte = 0; byte < 128; ++byte)
    EXPECT_EQ(valid_display_name(std::string("a") + static_cast<char>(byte), 64),
              byte > 0x20 && byte != 0x7f)
      << "byte " << byte;
  for (const auto* name : {"Zoë 😀 <b>&amp;", "Ada Lovelace", "Ada\u00a0L", "李小龍", "نور",
                           "می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "❤\ufe0f\u200d🔥",
                           "Team 1\ufe0f\u20e3", "葛\U000e0100城", "\U000e1000"})
    EXPECT_TRUE(valid_display_name(name, 64)) << name;
}

TEST(names, what_a_person_cannot_see_is_in_no_name) {
  for (const std::string_view hidden :
       {"\u0080",     "\u009b",     "\u009f",     "\u00ad",    "\u034f", "\u061c", "\u115f",
        "\u180e",     "\u200b",     "\u200c",     "\u200d",    "\u200e", "\u200f", "\u2028",
        "\u2029",     "\u202a",     "\u202e",     "\u2060",    "\u2066", "\u2069", "\u206f",
        "\u3164",     "\ufdd0",     "\ufe0f",     "\ufeff",    "\ufff9", "\uffff", "\U000110bd",
        "\U0001d173", "\U000e0001", "\U000e0041", "\U0010ffff"})
    for (const auto* name : {"%", "%Ann", "Ann%", "A%nn", "é%", "%é", "é% é"}) {
      std::string with(name);
      with.replace(with.find('%'), 1, hidden);
      const bool chooses_a_form = hidden == "\ufe0f" || hidden == "\u034f";
      EXPECT_EQ(valid_display_name(with, 64), chooses_a_form && with.starts_with("é"))
        << testing::PrintToString(with);
    }
  for (const std::string_view blank : {" ", "\u00a0", "\u1680", "\u2003\u3000", "\u202f", "\u205f",
                                       "\u2800", "\U00013441", "\U00016fe4", "\U0001d159"})
    for (const auto* name : {"%", "%Ann", "Ann%", "A%nn"}) {
      std::string with(name);
      with.replace(with.find('%'), 1, blank);
      EXPECT_EQ(valid_display_name(with, 64), name == std::string_view("A%nn"))
        << testing::PrintToString(with);
    }
  for (const auto* joined : {"é\u200d\u200dé", "é\u200dA", "❤\ufe0f\ufe0f"})
    EXPECT_FALSE(valid_display_name(joined, 64)) << testing::PrintToString(joined);
}

TEST(names, the_blanks_at_the_ends_can_be_taken_off) {
  EXPECT_EQ(without_blank_ends(""), "");
  EXPECT_EQ(without_blank_ends("Ann"), "Ann");
  EXPECT_EQ(without_blank_ends(" \u3000\u2800"), "");
  EXPECT_EQ(without_blank_ends("\u2003 A nn\u00a0 \u2800"), "A nn");
}

TEST(names, one_that_looks_like_a_taken_one_is_taken) {
  const std::vector<std::string> taken{"server", "The Team", "Café"};
  for (const auto* name : {"server", "SERVER", "server ", " server", "server\u00a0", "server\u3000",
                           "\u2003server", "server\u2800", "server\U0001d159", "sErver\ufe0f",
                           "THE\u00a0team", "the  team", "café", "Café\ufe0f", "Caf\u200dé"})
    EXPECT_TRUE(is_taken(name, taken)) << testing::PrintToString(name);
  for (const auto* name : {"", "serve", "ser ver", "servers", "s\u0435rver", "TheTeam", "CAFÉ"})
    EXPECT_FALSE(is_taken(name, taken)) << testing::PrintToString(name);
}

TEST(names, an_id_of_a_user_is_text_without_control_characters) {
  for (const auto* id : {"u1", "auth0|änn", " ", "a\u200bb", "a b"})
    EXPECT_TRUE(valid_user_id(id, 16)) << testing::PrintToString(id);
  for (const auto* id : {"", "\xff", "a\nb", "\u009b", "\u2028", "\u202e", "\u200e"})
    EXPECT_FALSE(valid_user_id(id, 16)) << testing::PrintToString(id);
  EXPECT_FALSE(valid_user_id("12345", 4));
}

} // namespace
} // namespace troupe
