// What others have written, and what the server's numbers become.
#include "troupe_client/content.hpp"
#include "troupe_client/detail/members.hpp"
#include "troupe_client/detail/reading.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace troupe_client;
using namespace troupe_client::detail;

namespace {

constexpr double most = std::numeric_limits<double>::max();

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST(client_reading, a_number_of_any_size) {
  const auto read = read_json(
    R"({"a":1e400,"b":[-1E+400,-1.5e308],"c":"1e400 \" 2e999","d":1e-400,"e":12345678901234567890123})");
  ASSERT_TRUE(read.is_object());
  EXPECT_EQ(read["a"], most);
  EXPECT_EQ(read["b"], json({-most, -1.5e308}));
  EXPECT_EQ(read["c"], "1e400 \" 2e999") << "that is text";
  EXPECT_EQ(read["d"], 0.0);
  EXPECT_EQ(json::parse(read.dump()), read) << "it can be said again";
  for (const auto* odd : {"", "{", "{\"a\":1e400,}", "01e400", "-e400", "[1e400", "nan", "1e400x"})
    EXPECT_TRUE(read_json(odd).is_discarded()) << odd;
}

TEST(client_reading, nothing_is_nested_without_end) {
  EXPECT_TRUE(read_json(nested(256)).is_array());
  EXPECT_TRUE(read_json(nested(257)).is_discarded());
  EXPECT_TRUE(read_json(nested(1'000'000)).is_discarded());
  EXPECT_TRUE(read_json('"' + std::string(300, '[') + '"').is_string());
}

TEST(client_reading, which_request_an_unreadable_answer_is_for) {
  const auto deep = nested(300);
  EXPECT_EQ(answered_by(R"({"type":"history","messages":)" + deep + R"(,"id":7})"), 7u);
  EXPECT_EQ(answered_by(R"({ "id" : 7 , "type" : "sent" , "x": 01 )"), 7u);
  EXPECT_FALSE(answered_by(R"({"type":"mine","data":)" + deep + R"(,"id":7})")) << "another's id";
  EXPECT_FALSE(answered_by(R"({"type":"sent","data":{"id":7,)" + deep));
  EXPECT_FALSE(answered_by(R"({"type":"sent","id":-7)"));
  EXPECT_FALSE(answered_by(R"({"type":"sent","id":"7")"));
  for (const auto* odd : {"", "\"", "{\"", "}}}", "{\"type\":\"", "{\"id\":", "\\"})
    EXPECT_FALSE(answered_by(odd)) << odd;
}

TEST(client_reading, is_json) {
  for (const auto* good : {"1e400", "{\"a\":[-1e999]}", "1", "null", " \"1e400\" "})
    EXPECT_TRUE(is_json(good)) << good;
  EXPECT_TRUE(is_json(nested(300))) << "the server may say what is wrong with it";
  for (const auto* odd : {"", "text", "1e400 2", "{a:1e400}", "-", "1e", "Infinity"})
    EXPECT_FALSE(is_json(odd)) << odd;
}

TEST(client_numbers, are_bounded) {
  const auto within = [](const char* value) {
    return number_in(read_json(std::string(R"({"n":)") + value + '}'), "n", 1'000);
  };
  EXPECT_EQ(within("7"), 7);
  EXPECT_EQ(within("0.9"), 0);
  EXPECT_EQ(within("999.9"), 999);
  for (const auto* much :
       {"1001", "9300000000000", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "1e18", "1e300", "1e400"})
    EXPECT_EQ(within(much), 1'000) << much;
  for (const auto* none : {"0", "-1", "-0.5", "-9223372036854775808", "-1e300", "-1e400", "null",
                           "\"7\"", "[7]", "true"})
    EXPECT_EQ(within(none), 0) << none;
  EXPECT_EQ(number_in(json(7), "n", 1'000), 0);
}

TEST(client_numbers, nobody_waits_for_more_than_a_day) {
  for (const auto* much : {"9300000000000", "9223372036854775807", "1e300"})
    EXPECT_EQ(failure_in(read_json(std::string(R"({"retry_after_ms":)") + much + '}')).retry_after,
              std::chrono::days(1));
}

TEST(client_numbers, a_position_of_another_type_is_none) {
  EXPECT_EQ(position_in({{"epoch", "e"}, {"offset", 7u}}), (position{"e", 7}));
  EXPECT_EQ(position_in({{"epoch", 5}, {"offset", 1e300}}), position());
  EXPECT_EQ(position_in({{"offset", -1}}), position());
}
