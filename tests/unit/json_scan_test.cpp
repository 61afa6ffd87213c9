#include "tests/fuzz/json_reference.hpp"
#include "troupe/json/json_scan.hpp"
#include "troupe/json/json_text.hpp"
#include "troupe/json/utf8.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <iterator>
#include <map>
#include <random>
#include <string>

namespace troupe {
namespace {

using nlohmann::json;
using test::judge;

// Writes random JSON, with blanks and escapes of every kind.
class author {
public:
  /// With `distinct` keys no two of a text are the same.
  explicit author(std::uint64_t seed, bool distinct = true) : rng_(seed), distinct_(distinct) {}

  std::string object() {
    out_.clear();
    members(0);
    return out_;
  }
  std::string value() {
    out_.clear();
    value(0);
    return out_;
  }
  /// Breaks a text, mostly a little.
  std::string broken(std::string text) {
    for (auto faults = 1 + rng_() % 3; faults > 0; --faults) {
      const auto at = text.empty() ? 0 : rng_() % text.size();
      switch (rng_() % 6) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, character());
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        text.insert(at, text.substr(at, rng_() % 4));
        break;
      case 4:
        text.insert(at, pick(pieces));
        break;
      default:
        if (!text.empty())
          text[at] = character();
      }
    }
    return text;
  }

private:
  template <class List>
  auto pick(const List& list) -> std::decay_t<decltype(list[0])> {
    return list[rng_() % std::size(list)];
  }

  static constexpr const char* words[] = {"true", "false", "null"};
  static constexpr const char* pieces[] = {
    "{",       "}",        "[",    "]",    ",",   ":",     "\"", "\\",       "\\u",  "\\ud800",
    "1e999",   "-",        "0",    "00",   ".5",  "1.",    "e+", "nul",      "true", "/**/",
    "\\udc00", "\"a\":1,", "\xff", "\x01", "NaN", "false", "'",  "\xe2\x82", "[[",   "{}"};

  char character() {
    return pick(std::string_view("{}[],:\"\\/0123456789-+.eEtrufalsn \t\n\r\x01\x7f\xc3\xa9"));
  }

  void blank() {
    if (rng_() % 4 == 0)
      out_ += pick(std::string_view(" \t\n\r"));
  }
  void string() {
    static constexpr const char* parts[] = {"a",
                                            "key",
                                            "\\n",
                                            "\\\"",
                                            "\\\\",
                                            "\\/",
                                            "\\b",
                                            "\\f",
                                            "\\r",
                                            "\\t",
                                            "\\u0041",
                                            "\\u00e9",
                                            "\\ud83d\\ude00",
                                            "\xc3\xa9",
                                            "\xf0\x9f\x98\x80",
                                            "\\u0000",
                                            "\\uFFFF",
                                            " ",
                                            "\x7f",
                                            "{[,:]}"};
    out_ += '"';
    for (auto n = rng_() % 4; n > 0; --n)
      out_ += pick(parts);
    out_ += '"';
  }
  void number() {
    static constexpr const char* numbers[] = {"0",
                                              "-0",
                                              "1",
                                              "-12",
                                              "3.25",
                                              "1e5",
                                              "1E+5",
                                              "2e-3",
                                              "-0.0",
                                              "0e0",
                                              "1.5E2",
                                              "123456789",
                                              "1e-400",
                                              "18446744073709551616",
                                              "-9223372036854775809"};
    out_ += pick(numbers);
  }
  void value(unsigned depth) {
    switch (rng_() % (depth < 5 ? 8 : 5)) {
    case 0:
      out_ += pick(words);
      break;
    case 1:
    case 2:
      string();
      break;
    case 3:
    case 4:
      number();
      break;
    case 5:
      members(depth);
      break;
    default:
      elements(depth);
    }
  }
  void members(unsigned depth) {
    out_ += '{';
    blank();
    for (auto n = rng_() % 4; n > 0; --n) {
      string();
      if (distinct_)
        out_.insert(out_.size() - 1, std::to_string(out_.size()));
      blank();
      out_ += ':';
      blank();
      value(depth + 1);
      blank();
      if (n > 1)
        out_ += ',';
      blank();
    }
    out_ += '}';
  }
  void elements(unsigned depth) {
    out_ += '[';
    blank();
    for (auto n = rng_() % 4; n > 0; --n) {
      value(depth + 1);
      blank();
      if (n > 1)
        out_ += ',';
      blank();
    }
    out_ += ']';
  }

  std::mt19937_64 rng_;
  const bool distinct_;
  std::string out_;
};

bool scans(std::string_view text, unsigned depth_max = 64) {
  std::vector<json_member> members;
  return !scan_object(text, depth_max, members);
}

json_error error_of(std::string_view text) {
  std::vector<json_member> members;
  return scan_object(text, 64, members).value_or(json_error{"accepted", 0});
}

std::string nested(std::size_t depth, std::string_view inside = "") {
  std::string text = R"({"a":)"; // one level
  text.append(depth - 1, '[').append(inside).append(depth - 1, ']');
  return text + "}";
}

TEST(json_scan, a_text_is_accepted_exactly_when_the_reference_accepts_it) {
  author writer(3, false);
  int accepted = 0, twice = 0;
  constexpr int texts = 400'000;
  for (int i = 0; i < texts; ++i) {
    std::string text = i % 2 ? writer.object() : writer.value();
    if (i % 4 >= 2)
      text = writer.broken(std::move(text));
    if (!valid_utf8(text))
      continue;
    const auto expected = judge(text);
    if (expected.overflow)
      continue;
    json_slice slice;
    const bool fine = expected.accepted && !expected.twice;
    ASSERT_EQ(!scan_value(text, 64, slice), fine) << text;
    ASSERT_EQ(scans(text), fine && expected.object) << text;
    accepted += fine ? 1 : 0;
    twice += expected.accepted && expected.twice ? 1 : 0;
  }
  EXPECT_GT(twice, 1000);
  EXPECT_GT(accepted, texts / 3);
  EXPECT_LT(accepted, texts * 9 / 10);
}

TEST(json_scan, depth_counts_the_outermost_object) {
  for (unsigned depth_max : {1u, 2u, 5u, 63u, 64u}) {
    EXPECT_TRUE(depth_max == 1 || scans(nested(depth_max), depth_max)) << depth_max;
    EXPECT_FALSE(scans(nested(depth_max + 1), depth_max)) << depth_max;
  }
  EXPECT_TRUE(scans(R"({"a":1})", 1));
  EXPECT_FALSE(scans(R"({"a":[]})", 1));
  EXPECT_FALSE(scans(R"({"a":{}})", 1));
}

TEST(json_scan, depth_is_64_at_most_whatever_is_asked_for) {
  EXPECT_TRUE(scans(nested(64), 1000));
  EXPECT_FALSE(scans(nested(65), 1000));
  EXPECT_FALSE(scans(nested(100'000), 1000));
}

TEST(json_scan, the_limit_of_depth_agrees_with_the_reference_on_random_texts) {
  author writer(4);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = writer.object();
    const auto expected = judge(text);
    for (unsigned depth_max = 1; depth_max <= 4; ++depth_max)
      ASSERT_EQ(scans(text, depth_max), expected.depth <= depth_max) << depth_max << " " << text;
    refused += expected.depth > 4 ? 1 : 0;
  }
  EXPECT_GT(refused, 100);
}

TEST(json_scan, a_number_has_at_most_64_characters) {
  EXPECT_TRUE(scans(R"({"n":)" + std::string(64, '1') + "}"));
  EXPECT_FALSE(scans(R"({"n":)" + std::string(65, '1') + "}"));
  EXPECT_TRUE(scans(R"({"n":-0.)" + std::string(61, '1') + "}"));
  EXPECT_FALSE(scans(R"({"n":-0.)" + std::string(62, '1') + "}"));
}

TEST(json_scan, a_number_too_big_for_a_double_is_still_json) {
  EXPECT_TRUE(scans(R"({"n":1e999})"));
  EXPECT_TRUE(scans(R"({"n":[-1E+99999]})"));
}

TEST(json_scan, members_are_what_the_reference_finds) {
  author writer(5);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = writer.object();
    std::vector<json_member> members;
    ASSERT_FALSE(scan_object(text, 64, members)) << text;
    std::map<std::string, json> found;
    for (const auto& [key, value] : members) {
      ASSERT_EQ(key.kind, json_kind::string);
      found[json_unescape(key)] = json::parse(value.raw());
    }
    ASSERT_EQ(json(found), json::parse(text)) << text;
  }
}

TEST(json_scan, members_are_in_the_order_of_the_text) {
  std::vector<json_member> members;
  ASSERT_FALSE(scan_object(R"({"b":1,"a":2,"c":3})", 64, members));
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].key.text, "b");
  EXPECT_EQ(members[1].key.text, "a");
  EXPECT_EQ(members[2].value.text, "3");
}

TEST(json_scan, a_slice_has_the_kind_of_its_value_and_its_bytes_as_written) {
  const std::string text =
    " {\"s\" : \"x\" , \"n\":-1.50,\"t\":true,\"f\":false,\"z\":null,\"a\":[ 1 ],\"o\":{ } } ";
  std::vector<json_member> members;
  ASSERT_FALSE(scan_object(text, 64, members));
  const std::pair<json_kind, std::string> expected[] = {
    {json_kind::string, "\"x\""},  {json_kind::number, "-1.50"}, {json_kind::boolean, "true"},
    {json_kind::boolean, "false"}, {json_kind::null, "null"},    {json_kind::array, "[ 1 ]"},
    {json_kind::object, "{ }"}};
  ASSERT_EQ(members.size(), std::size(expected));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& value = members[i].value;
    EXPECT_EQ(value.kind, expected[i].first) << i;
    EXPECT_EQ(value.raw(), expected[i].second) << i;
    EXPECT_GE(value.text.data(), text.data());
    EXPECT_LE(value.text.data() + value.text.size(), text.data() + text.size());
  }
  EXPECT_EQ(members[0].value.text, "x");
}

TEST(json_scan, a_string_is_marked_as_escaped_only_when_it_is) {
  std::vector<json_member> members;
  ASSERT_FALSE(scan_object(R"({"a":"x","b":"\n","\u0063":"","d":["\n"]})", 64, members));
  EXPECT_FALSE(members[0].value.escaped);
  EXPECT_TRUE(members[1].value.escaped);
  EXPECT_TRUE(members[2].key.escaped);
  EXPECT_FALSE(members[2].value.escaped);
  EXPECT_FALSE(members[3].value.escaped) << "an array is no string";
}

TEST(json_scan, elements_are_what_the_reference_finds) {
  author writer(6);
  int arrays = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = writer.value();
    json_slice slice;
    ASSERT_FALSE(scan_value(text, 64, slice)) << text;
    ASSERT_EQ(slice.raw(), text.substr(0, slice.raw().size()));
    if (slice.kind != json_kind::array)
      continue;
    std::vector<json_slice> elements;
    scan_elements(slice, elements);
    const auto expected = json::parse(text);
    ASSERT_EQ(elements.size(), expected.size()) << text;
    for (std::size_t k = 0; k < elements.size(); ++k)
      ASSERT_EQ(json::parse(elements[k].raw()), expected[k]) << text;
    ++arrays;
  }
  EXPECT_GT(arrays, 3000);
}

TEST(json_scan, elements_of_the_deepest_array_are_found) {
  const std::string text = nested(64, "7");
  std::vector<json_member> members;
  ASSERT_FALSE(scan_object(text, 64, members));
  std::vector<json_slice> elements{members[0].value};
  for (int depth = 0; depth < 63; ++depth) {
    const auto array = elements.at(0);
    elements.clear();
    scan_elements(array, elements);
    ASSERT_EQ(elements.size(), 1u) << depth;
  }
  EXPECT_EQ(elements[0].text, "7");
}

TEST(json_scan, strings_unescape_to_what_the_reference_makes_of_them) {
  std::mt19937_64 dice(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string characters;
    for (auto n = dice() % 8; n > 0; --n) {
      // The code points around every boundary of the two encodings.
      constexpr char32_t points[] = {0,      1,      '\n',   '"',     '\\',    '/',
                                     'a',    0x7f,   0x80,   0x7ff,   0x800,   0x2028,
                                     0xd7ff, 0xe000, 0xffff, 0x10000, 0x1f600, 0x10ffff};
      const char32_t point = points[dice() % std::size(points)];
      json_slice one{"", json_kind::string, true};
      char text[16];
      if (point < 0x10000)
        std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(point));
      else
        std::snprintf(text, sizeof text, "\\u%04X\\u%04x",
                      static_cast<unsigned>(0xd800 + ((point - 0x10000) >> 10)),
                      static_cast<unsigned>(0xdc00 + ((point - 0x10000) & 0x3ff)));
      one.text = text;
      characters += json_unescape(one);
    }
    ASSERT_TRUE(valid_utf8(characters));
    for (const bool ascii : {false, true}) {
      const std::string text = json(characters).dump(-1, ' ', ascii);
      json_slice slice;
      ASSERT_FALSE(scan_value(text, 64, slice)) << text;
      ASSERT_EQ(json_unescape(slice), characters) << text;
    }
  }
}

TEST(json_scan, every_short_escape_means_its_character) {
  json_slice slice;
  const std::string text = R"("\"\\\/\b\f\n\r\t")";
  ASSERT_FALSE(scan_value(text, 64, slice));
  EXPECT_EQ(json_unescape(slice), "\"\\/\b\f\n\r\t");
}

TEST(json_scan, an_error_says_what_is_wrong_and_where) {
  const std::tuple<const char*, const char*, std::size_t> cases[] = {
    {"", "object expected", 0},
    {"[]", "object expected", 0},
    {"{", "string expected", 1},
    {R"({"a")", "':' expected", 4},
    {R"({"a":)", "value expected", 5},
    {R"({"a":1)", "',' or '}' expected", 6},
    {R"({"a":1,})", "string expected", 7},
    {R"({"a":[1)", "',' or ']' expected", 7},
    {R"({"a":[1,]})", "value expected", 8},
    {R"({"a":{"b":1)", "',' or '}' expected", 11},
    {R"({} x)", "something follows the value", 3},
    {R"({}{})", "something follows the value", 2},
    {R"({"a":1,"b":2,"a":3,"a":4})", "a key for the second time", 13},
    {R"({"a":1,"\u0061":2})", "a key for the second time", 7},
    {R"({"a":[{"b":{"":1,"":2}}]})", "a key for the second time", 17},
    {R"({"a":"x)", "unfinished string", 7},
    {R"({"a":"\)", "unfinished string", 7},
    {R"({"a":"\x"})", "unknown escape", 7},
    {R"({"a":"\u12"})", "four hex digits expected", 8},
    {R"({"a":"\ud800"})", "lone surrogate", 12},
    {R"({"a":"\udc00"})", "lone surrogate", 12},
    {R"({"a":-})", "digit expected", 6},
    {R"({"a":1.})", "digit expected", 7},
    {R"({"a":1e})", "digit expected", 7},
    {R"({"a":tru})", "unexpected character", 5},
    {"{\"a\":\"\n\"}", "control character in a string", 6},
  };
  for (const auto& [text, what, at] : cases) {
    const auto error = error_of(text);
    EXPECT_EQ(error.what, what) << text;
    EXPECT_EQ(error.at, at) << text;
  }
}

TEST(json_scan, nothing_but_blanks_follows_the_object) {
  EXPECT_TRUE(scans("{} \t\r\n"));
  for (const std::string after : {"0", "{", "}", ",", "//", "\v", "\x0c", "\x7f", "\xc2\xa0"})
    EXPECT_FALSE(scans("{}" + after)) << after;
  EXPECT_FALSE(scans(std::string_view("{}\0", 3)));
  EXPECT_FALSE(scans(std::string_view("{}\n\0\n", 5)));
}

// An object of `count` keys, all different, and one more that is the same as number `same`.
std::string keys_with_one_again(std::size_t count, std::size_t same) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i)
    text += "\"k" + std::to_string(i) + "\":[],";
  return text + "\"k" + std::to_string(same) + "\":{}}";
}

TEST(json_scan, a_key_that_comes_twice_is_found_among_few_and_among_many) {
  for (const std::size_t count : {1, 2, 15, 16, 17, 40, 63})
    for (std::size_t same = 0; same <= count; ++same) {
      const bool fine = same == count; // the last one is new
      const auto text = keys_with_one_again(count, same);
      ASSERT_EQ(scans(text), fine) << text;
      ASSERT_EQ(scans(R"({"":[)" + text + "]}"), fine) << text;
      if (!fine) {
        ASSERT_EQ(error_of(text).at, text.rfind('k') - 1) << text;
      }
    }
}

TEST(json_scan, the_first_key_that_comes_twice_is_told_in_a_long_object_too) {
  std::string text = R"({"":{)";
  for (int i = 0; i < 2000; ++i)
    text += "\"" + std::to_string(i % 1500) + "\":0,";
  text.back() = '}';
  const auto second = text.find("\"0\":", text.find("\"1499\":"));
  EXPECT_EQ(error_of(text + "}").at, second);
}

TEST(json_scan, objects_beside_and_inside_each_other_may_share_keys) {
  EXPECT_TRUE(scans(R"({"a":{"a":{"a":[{"a":1},{"a":2}]}},"b":{"a":{},"b":{}}})"));
  EXPECT_FALSE(scans(R"({"a":{"b":{"a":1}},"c":{"x":{},"y":{"z":1},"x":2}})"));
  // The keys of an object that has ended are out of the way of those of its parent.
  EXPECT_FALSE(scans(R"({"a":{"p":1,"q":2},"a":3})"));
}

TEST(json_scan, a_text_that_was_refused_leaves_no_keys_to_the_next) {
  EXPECT_FALSE(scans(R"({"a":{"b":{"c")"));
  EXPECT_TRUE(scans(R"({"a":{"b":{"c":1}}})"));
}

TEST(json_scan, escaped_keys_are_compared_by_what_they_mean) {
  EXPECT_FALSE(scans(R"({"x":{"\u00e9":1,"é":2}})"));
  EXPECT_FALSE(scans(R"({"\/":1,"\u002f":2})"));
  EXPECT_FALSE(scans(R"({"/":1,"b":2,"\/":3})"));
  EXPECT_TRUE(scans(R"({"\u0061":1,"u0061":2,"\\u0061":3,"b":{"\u0061":4}})"));
  // Enough of them that they are sorted.
  std::string text = R"({"x":{)";
  for (int i = 0; i < 500; ++i)
    text += "\"\\u0061" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(scans(text + R"("a500":0}})"));
  EXPECT_FALSE(scans(text + R"("a250":0}})"));
}

TEST(json_scan, an_object_that_is_looked_into_has_at_most_64_members) {
  EXPECT_TRUE(scans(keys_with_one_again(63, 63)));
  const auto error = error_of(keys_with_one_again(64, 64));
  EXPECT_TRUE(error.too_many);
  EXPECT_EQ(error.what, "too many members");
  EXPECT_FALSE(error_of(keys_with_one_again(63, 0)).too_many);
  EXPECT_TRUE(scans(R"({"x":)" + keys_with_one_again(5000, 5000) + "}")) << "only that one";
}

TEST(json_scan, the_text_is_never_read_beyond_its_end) {
  author writer(8);
  for (int i = 0; i < 2'000; ++i) {
    const std::string whole = writer.object();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A block of exactly this size: the address sanitizer watches its end.
      const std::vector<char> part(whole.begin(),
                                   whole.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_FALSE(scans({part.data(), part.size()})) << whole << " " << size;
    }
  }
}

} // namespace
} // namespace troupe
