#include "troupe/json/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <random>

namespace troupe {
namespace {

using nlohmann::json;

std::string written(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(json_text, random_strings_come_back_from_another_reader) {
  std::mt19937_64 dice(1);
  constexpr const char* parts[] = {"a",
                                   "\"",
                                   "\\",
                                   "/",
                                   "\n",
                                   "\x01",
                                   "\x7f",
                                   "\xc3\xa9",
                                   "\xe2\x80\xa8",
                                   "\xe2\x80\xa9",
                                   "\xe2\x80\xa7",
                                   "\xe2\x82\xac",
                                   "\xf0\x9f\x98\x80",
                                   " ",
                                   "</"};
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (auto n = dice() % 6; n > 0; --n)
      text += parts[dice() % std::size(parts)];
    ASSERT_EQ(json::parse(written(text)).get<std::string>(), text) << written(text);
  }
}

TEST(json_text, every_ascii_character_comes_back_and_no_control_character_is_written) {
  for (char c = 0; c >= 0 && c < 127; ++c) {
    const std::string text{'x', c, 'y'};
    const std::string out = written(text);
    EXPECT_EQ(json::parse(out).get<std::string>(), text);
    for (const char byte : out)
      EXPECT_TRUE(byte >= 0x20 && byte < 0x7f) << out;
  }
  EXPECT_EQ(written("\x7f"), R"("\u007f")");
}

TEST(json_text, line_separators_are_escaped_and_their_neighbours_are_not) {
  EXPECT_EQ(written("\xe2\x80\xa8"), R"("\u2028")");
  EXPECT_EQ(written("a\xe2\x80\xa9z"), R"("a\u2029z")");
  EXPECT_EQ(written("\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8"),
            "\"\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8\"");
}

TEST(json_text, a_separator_cut_at_the_end_is_not_read_beyond_it) {
  EXPECT_EQ(written("\xe2\x80"), "\"\xe2\x80\"");
  EXPECT_EQ(written("\xe2"), "\"\xe2\"");
}

TEST(json_text, it_appends) {
  std::string out = "[";
  append_json_string(out, "a\"b");
  append_json_string(out, "");
  EXPECT_EQ(out, R"(["a\"b""")");
}

TEST(json_text, numbers_are_written_in_full) {
  std::string out;
  append_number(out, 0);
  out += ' ';
  append_number(out, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "0 18446744073709551615");
}

TEST(json_text, numbers_of_every_kind_read_as_the_same_number) {
  const auto text_of = [](auto number) {
    std::string out;
    append_number(out, number);
    return out;
  };
  EXPECT_EQ(text_of(-1), "-1");
  EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(-2.5e-300), "-2.5e-300");
  for (const double each : {1e300, 1.0 / 3, -0.0, 5e-324, 1.7976931348623157e308})
    EXPECT_EQ(json::parse(text_of(each)).get<double>(), each);
  for (const double none :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(text_of(none), "null");
}

TEST(json_text, fields_may_be_negative_broken_and_null) {
  json_fields fields;
  fields.number("a", -3).number("b", 0.5).null("c").number("d", std::uint8_t{7});
  EXPECT_EQ(fields.view(), R"(,"a":-3,"b":0.5,"c":null,"d":7)");
}

TEST(json_text, fields_are_each_preceded_by_a_comma) {
  json_fields fields;
  EXPECT_EQ(fields.view(), "");
  fields.text("name", "a\nb").number("n", 7).flag("yes", true).flag("no", false).raw("data", "[1]");
  EXPECT_EQ(fields.view(), R"(,"name":"a\nb","n":7,"yes":true,"no":false,"data":[1])");
  EXPECT_TRUE(json::accept(R"({"type":"x")" + std::string(fields.view()) + "}"));
}

} // namespace
} // namespace troupe
