// Subjects as patterns, fields of payloads, and texts with holes.
#include "troupe/bus/bridge_template.hpp"
#include "troupe/bus_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace troupe;
using testing::ElementsAre;
using filled = bridge_template::filled;

namespace {

bridge_template parsed(std::string_view text) {
  const auto made = bridge_template::parse(text);
  EXPECT_TRUE(made) << text << ": " << made.error();
  return made.value_or(bridge_template{});
}

struct outcome {
  filled how;
  std::string text;
  bool operator==(const outcome&) const = default;
};

std::ostream& operator<<(std::ostream& to, const outcome& what) {
  return to << static_cast<int>(what.how) << " \"" << what.text << '"';
}

// What the template makes of an event on `subject` that matches `pattern`.
outcome fill(std::string_view text, std::string_view payload, std::string_view pattern = ">",
             std::string_view subject = "s") {
  captured wildcards;
  EXPECT_TRUE(capture(pattern, subject, wildcards));
  bridge_payload content;
  EXPECT_TRUE(content.read(payload)) << payload;
  std::string out;
  const auto how = parsed(text).fill({&wildcards, &content, "the.name", "happened"}, out);
  return {how, how == filled::yes ? out : ""};
}

outcome yes(std::string text) {
  return {filled::yes, std::move(text)};
}
const outcome absent{filled::absent, ""};
const outcome wrong{filled::wrong, ""};

} // namespace

TEST(valid_subject, is_tokens_of_printable_ascii_and_no_wildcards) {
  for (const auto* good : {"a", "a.b", "a-b_c.D:9@/x", "$x.y"})
    EXPECT_TRUE(valid_subject(good)) << good;
  EXPECT_TRUE(valid_subject(std::string(256, 'a')));
  for (const auto* bad : {"", ".", "a.", ".a", "a..b", "*", "a.*", "a*", ">", "a.>", "a>b", "a b",
                          "a\tb", "a\r\nb", "a\x7f", "\xc3\xa9", "a\x80"})
    EXPECT_FALSE(valid_subject(bad)) << bad;
  EXPECT_FALSE(valid_subject(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_subject(std::string(257, 'a')));
  EXPECT_FALSE(valid_subject(std::string(10'000, 'a')));
}

TEST(valid_inbox, is_where_somebody_awaits_an_answer_and_nothing_else) {
  for (const auto* good :
       {"_INBOX.x", "_INBOX.x.y", "_INBOX_shop.x", "replies.of.shop.x", "_R_.x", "_R_.x.y",
        "_GR_.a.b._INBOX.x", "_GR_.a.b._R_.x", "_GR_.a.b.replies.of.x"})
    EXPECT_TRUE(valid_inbox(good, "replies.of")) << good;
  for (const auto* bad : {"",
                          "pay.rpc.charge",
                          "troupe.rpc.kick",
                          "_INBOX",
                          "_INBOX.",
                          "_INBOX.*",
                          "_INBOX.>",
                          "_INBOX.a b",
                          "_INBOXES.x",
                          "_inbox.x",
                          "x._INBOX.y",
                          "replies.of",
                          "replies.off.x",
                          "replies.x",
                          "$SRV.PING",
                          "$JS.API.x",
                          "_GR_.a.b",
                          "_GR_.a.b.pay.rpc.charge",
                          "_GR_.a._INBOX.x",
                          "_GR_.a.b._GR_.c.d._INBOX.x",
                          "_R_"})
    EXPECT_FALSE(valid_inbox(bad, "replies.of")) << bad;
  EXPECT_FALSE(valid_inbox("replies.of.x", "_INBOX"));
}

TEST(subject_pattern, has_wildcards_as_whole_tokens) {
  for (const auto* good : {"a", "*", ">", "a.*.b", "*.*", "a.>", "*.>"})
    EXPECT_TRUE(valid_subject_pattern(good)) << good;
  for (const auto* bad :
       {"", "a.>.b", ">.a", "a*", "a/*", "a/>", "a.b>", "**", ">>", "a..b", "a. .b", "a.\r\n"})
    EXPECT_FALSE(valid_subject_pattern(bad)) << bad;
}

TEST(subject_pattern, captures_what_wildcards_stand_for) {
  captured found;
  ASSERT_TRUE(capture("order.*.item.*", "order.7.item.red", found));
  EXPECT_THAT(found.tokens, ElementsAre("7", "red"));
  ASSERT_TRUE(capture("a.*.>", "a.b.c.d", found));
  EXPECT_THAT(found.tokens, ElementsAre("b"));
  EXPECT_EQ(found.rest, "c.d");
  ASSERT_TRUE(capture("a.b", "a.b", found));
  EXPECT_TRUE(found.tokens.empty());
  ASSERT_TRUE(capture("poll/*.>", "poll/lunch.on.monday", found));
  EXPECT_THAT(found.tokens, ElementsAre("lunch"));
  EXPECT_EQ(found.rest, "on.monday");
  ASSERT_TRUE(capture("poll/>", "poll/lunch.monday", found));
  EXPECT_EQ(found.rest, "lunch.monday");
  using pair = std::pair<const char*, const char*>;
  for (const auto& [pattern, subject] :
       {pair{"a.*", "a"}, pair{"a.*", "a."}, pair{"a.*", "a.b.c"}, pair{"a.>", "a"},
        pair{"a.>", "a."}, pair{"a", "b"}, pair{"a", "a.b"}, pair{"a.b", "a"}, pair{">", ""},
        pair{"poll/*", "poll/"}, pair{"poll/*", "chat/x"}, pair{"poll/>", "poll/.x"},
        pair{"*", ""}})
    EXPECT_FALSE(capture(pattern, subject, found)) << pattern << " " << subject;
}

TEST(subject_pattern, says_which_wildcards_it_has) {
  EXPECT_EQ(wildcards_of("a.*.b.*").tokens, 2u);
  EXPECT_FALSE(wildcards_of("a.*").rest);
  EXPECT_TRUE(wildcards_of("a.>").rest);
  EXPECT_EQ(wildcards_of("").tokens, 0u);
  EXPECT_EQ(wildcards_of("poll/*.a").tokens, 1u);
  EXPECT_TRUE(wildcards_of("poll/>").rest);
  for (const auto* literal : {"a*", "a>", "/a*"})
    EXPECT_EQ(wildcards_of(literal).tokens, 0u) << literal;
}

TEST(bridge_template, fills_holes_from_everywhere) {
  EXPECT_EQ(fill("plain", "{}"), yes("plain"));
  EXPECT_EQ(fill("o.{1}.{2}", "{}", "order.*.*", "order.7.red"), yes("o.7.red"));
  EXPECT_EQ(fill("{>}", "{}", "a.>", "a.b.c"), yes("b.c"));
  EXPECT_EQ(fill("{name}/{event}", "{}"), yes("the.name/happened"));
  EXPECT_EQ(fill("{data.a}-{data.b.c}", R"({"a":"x","b":{"c":"y"}})"), yes("x-y"));
}

TEST(bridge_template, a_number_is_taken_as_it_is_written) {
  EXPECT_EQ(fill("u{data.id}", R"({"id":42})"), yes("u42"));
  EXPECT_EQ(fill("u{data.id}", R"({"id":-1.50e3})"), yes("u-1.50e3"));
}

TEST(bridge_template, a_string_is_taken_without_its_escapes) {
  EXPECT_EQ(fill("{data.id}", R"({"id":"a\u0041\/\n"})"), yes("aA/\n"));
  EXPECT_EQ(fill("{data.key}", R"({"\u006bey":1})"), yes("1"));
  EXPECT_EQ(fill("{data.a.b}", R"({"a":null})"), absent);
  EXPECT_EQ(fill("{data.a.b|x}", R"({"a":null})"), yes("x"));
  for (const auto* in_the_way : {R"({"a":["b"]})", R"({"a":"b"})", R"({"a":7})", R"({"a":true})"})
    for (const auto* holes : {"{data.a.b}", "{data.a.b|x}", "{data.a.b.c}"})
      EXPECT_EQ(fill(holes, in_the_way), wrong) << holes << in_the_way;
  EXPECT_EQ(fill("{data.a.key}", R"({"a":{"k":0,"\u006bey":1}})"), yes("1"));
}

TEST(bridge_template, what_is_not_there_has_its_default_or_is_absent) {
  for (const auto* payload :
       {"{}", R"({"id":null})", R"({"x":{"id":1}})", "7", "[]", R"("id")", "null"}) {
    EXPECT_EQ(fill("{data.id|x.y}", payload), yes("x.y")) << payload;
    EXPECT_EQ(fill("{data.id|}", payload), yes("")) << payload;
    EXPECT_EQ(fill("{data.id}", payload), absent) << payload;
  }
}

TEST(bridge_template, what_is_there_and_of_no_use_is_not_taken_for_absent) {
  for (const auto* payload : {R"({"id":[]})", R"({"id":["a"]})", R"({"id":{"id":"a"}})",
                              R"({"id":true})", R"({"id":false})"}) {
    EXPECT_EQ(fill("{data.id|x}", payload), wrong) << payload;
    EXPECT_EQ(fill("{data.id}", payload), wrong) << payload;
  }
}

TEST(bridge_template, what_comes_out_has_a_bound) {
  const std::string long_id(10'000, 'a');
  EXPECT_EQ(fill("{data.id}", R"({"id":")" + long_id + "\"}"), wrong);
  EXPECT_EQ(fill("{1}", "{}", "a.*", "a." + long_id), wrong);
  const std::string longest(bridge_template::bytes_max, 'a');
  EXPECT_EQ(fill("{data.id}", R"({"id":")" + longest + "\"}"), yes(longest));
  EXPECT_EQ(fill("b{data.id}", R"({"id":")" + longest + "\"}"), wrong);
}

TEST(bridge_template, a_field_is_found_in_an_object_of_any_size) {
  std::string many = "{";
  for (int i = 0; i < 500; ++i)
    many += "\"k" + std::to_string(i) + R"(":{"n":[)" + std::to_string(i) + "]},";
  many += R"("id":"found","last":{"id":"deep"}})";
  EXPECT_EQ(fill("{data.id}/{data.last.id}/{data.none|-}", many), yes("found/deep/-"));
}

TEST(bridge_template, what_is_no_template) {
  for (const auto* bad : {"{",           "}",
                          "a{b",         "{}",
                          "{0}",         "{-1}",
                          "{1a}",        "{1",
                          "1}",          "{{1}}",
                          "{data}",      "{data.}",
                          "{data.a..b}", "{data.a.}",
                          "{nobody}",    "{*}",
                          "{data.\"}",   "{99999999999999999999}",
                          "{ 1}",        "{data.1.2.3.4.5.6.7.8.9}"})
    EXPECT_FALSE(bridge_template::parse(bad)) << bad;
}

TEST(bridge_template, says_what_it_asks_for) {
  const auto asked = parsed("a.{2}.{1}").asks_for();
  EXPECT_EQ(asked.tokens, 2u);
  EXPECT_FALSE(asked.rest || asked.data || asked.name || asked.event);
  EXPECT_TRUE(parsed("{>}").asks_for().rest);
  EXPECT_TRUE(parsed("{data.a|b}").asks_for().data);
  EXPECT_TRUE(parsed("{name}").asks_for().name);
  EXPECT_TRUE(parsed("{event}").asks_for().event);
  EXPECT_TRUE(parsed("a.b").fixed());
  EXPECT_FALSE(parsed("a.{1}").fixed());
  EXPECT_EQ(parsed("a.{1}").head(), "a.");
  EXPECT_EQ(parsed("{1}.a").head(), "");
}

TEST(bridge_template, what_it_may_become_is_known_beforehand) {
  const auto may = [](std::string_view holes, std::string_view text) {
    return parsed(holes).may_become(text);
  };
  for (const auto* text : {"", "a", "a.b"})
    EXPECT_TRUE(may("{1}", text)) << text;
  EXPECT_TRUE(may("", ""));
  EXPECT_FALSE(may("", "a"));
  EXPECT_TRUE(may("a.b", "a.b"));
  EXPECT_FALSE(may("a.b", "a.bc"));
  EXPECT_TRUE(may("a.{1}", "a.x"));
  EXPECT_FALSE(may("a.{1}", "b.x"));
  EXPECT_TRUE(may("{1}.a", "x.a.a")) << "the last literal is at the end";
  EXPECT_FALSE(may("{1}.a", "x.a.b"));
  EXPECT_TRUE(may("a{1}b{2}c", "a--b-b-c"));
  EXPECT_FALSE(may("a{1}b{2}c", "a--c"));
  EXPECT_TRUE(may("{1}{data.x|y}", "z"));
}
