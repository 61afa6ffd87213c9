#include "server/net/http.hpp"
#include "server/text/url.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace troupe {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string out = "left over";
  if (!percent_decode(text, out))
    return std::nullopt;
  return out;
}

TEST(http, every_byte_can_be_percent_encoded_in_either_case) {
  for (int byte = 0; byte < 256; ++byte) {
    char lower[8], upper[8];
    std::snprintf(lower, sizeof lower, "%%%02x", static_cast<unsigned>(byte));
    std::snprintf(upper, sizeof upper, "%%%02X", static_cast<unsigned>(byte));
    const std::string one(1, static_cast<char>(byte));
    EXPECT_EQ(decoded(lower), one);
    EXPECT_EQ(decoded("a" + std::string(upper) + "b"), "a" + one + "b");
  }
}

TEST(http, a_broken_escape_is_refused) {
  for (const auto* text : {"%", "%4", "a%", "a%4", "%%41", "%4g", "%g4", "%-1", "% 1", "%41%"})
    EXPECT_EQ(decoded(text), std::nullopt) << text;
}

TEST(http, an_escape_does_not_go_on_beyond_the_end) {
  const std::string_view more = "a%412";
  EXPECT_EQ(decoded(more.substr(0, 2)), std::nullopt);
  EXPECT_EQ(decoded(more.substr(0, 3)), std::nullopt);
  EXPECT_EQ(decoded(more.substr(0, 4)), "aA");
}

TEST(http, what_is_no_escape_stays) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("a+b/c?d"), "a+b/c?d");
  EXPECT_EQ(decoded("%2541"), "%41") << "decoded once";
}

TEST(http, a_target_is_split_at_the_first_question_mark) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
    {"/ws", "/ws", ""},    {"/ws?", "/ws", ""}, {"/ws?a=b", "/ws", "a=b"},
    {"/?a?b", "/", "a?b"}, {"?x", "", "x"},     {"", "", ""}};
  for (const auto& [target, path, query] : cases) {
    const auto parts = split_target(target);
    EXPECT_EQ(parts.path, path) << target;
    EXPECT_EQ(parts.query, query) << target;
  }
}

TEST(http, a_parameter_is_found_by_its_whole_name_and_decoded) {
  const std::string query = "ab=1&a=x%20y&c&d=&e=1=2&a=second&f=%zz&&g=%41&h=x+y%2b&%69=i&%zz=j";
  EXPECT_EQ(query_parameter(query, "a"), "x y") << "the first one counts";
  EXPECT_EQ(query_parameter(query, "ab"), "1");
  EXPECT_EQ(query_parameter(query, "b"), "");
  EXPECT_EQ(query_parameter(query, "c"), "");
  EXPECT_EQ(query_parameter(query, "d"), "");
  EXPECT_EQ(query_parameter(query, "e"), "1=2");
  EXPECT_EQ(query_parameter(query, "g"), "A");
  EXPECT_EQ(query_parameter(query, "h"), "x y+") << "as browsers write a form";
  EXPECT_EQ(query_parameter(query, "i"), "i") << "a name may be encoded, too";
  EXPECT_EQ(query_parameter(query, "j"), "") << "nobody's name is broken";
  EXPECT_EQ(query_parameter("", "a"), "");
}

TEST(http, what_is_broken_is_not_taken_for_absent) {
  for (const auto* broken : {"50%", "%", "%4", "%zz", "a%2", "%%41", "%u0041", "a+%"}) {
    const auto value = query_parameter("a=1&user=" + std::string(broken) + "&user=Ann", "user");
    ASSERT_FALSE(value) << broken;
    EXPECT_EQ(value.error(), "'user' is not percent-encoded: write %25 for %");
  }
}

TEST(http, an_answer_is_written_whole) {
  EXPECT_EQ(serialize({.status = 200, .body = "{}"}, {}),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(serialize({.status = 503,
                       .content_type = "text/plain",
                       .body = "no",
                       .fields = {{"A", "b"}, {"C", "d"}}},
                      {.keep_alive = false}),
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
            "A: b\r\nC: d\r\nConnection: close\r\n\r\nno");
}

TEST(http, an_answer_without_content_says_nothing_about_it) {
  EXPECT_EQ(serialize({.status = 204, .body = {}, .fields = {{"A", "b"}}}, {}),
            "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n");
}

TEST(http, an_answer_to_head_has_the_length_of_the_body_it_leaves_out) {
  EXPECT_EQ(serialize({.body = "12345"}, {.head_only = true}),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n");
}

TEST(http, an_answer_to_http_1_0_says_whether_the_connection_is_kept) {
  const auto kept = serialize({.body = {}}, {.http_1_0 = true});
  EXPECT_NE(kept.find("\r\nConnection: keep-alive\r\n"), std::string::npos) << kept;
  const auto closed = serialize({.body = {}}, {.keep_alive = false, .http_1_0 = true});
  EXPECT_NE(closed.find("\r\nConnection: close\r\n"), std::string::npos) << closed;
  EXPECT_EQ(closed.find("keep-alive"), std::string::npos) << closed;
}

TEST(http, dates_are_written_as_the_standard_says) {
  using namespace std::chrono;
  const auto at = [](year_month_day day, milliseconds since) {
    return wall_time{sys_days{day}.time_since_epoch() + since};
  };
  EXPECT_EQ(http_date(at({1994y / November / 6}, 8h + 49min + 37s)),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(at({2024y / February / 29}, 24h - 1ms)), "Thu, 29 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(http_date(at({2000y / January / 1}, 0ms)), "Sat, 01 Jan 2000 00:00:00 GMT");
  const auto answer = serialize({.body = {}}, {.date = at({1994y / November / 6}, 0ms)});
  EXPECT_NE(answer.find("\r\nDate: Sun, 06 Nov 1994 00:00:00 GMT\r\n"), std::string::npos)
    << answer;
}

TEST(http, an_error_has_the_status_that_fits_its_code) {
  const auto answer = error_response({errc::not_found, "no \"such\" thing"});
  EXPECT_EQ(answer.status, 404u);
  const auto body = nlohmann::json::parse(answer.body);
  EXPECT_EQ(body,
            (nlohmann::json{{"error", {{"code", "not_found"}, {"message", "no \"such\" thing"}}}}));
  EXPECT_EQ(error_response(error{errc::bad_json}).status, 400u);
  EXPECT_EQ(error_response(error{errc::insufficient_permissions}).status, 403u);
  EXPECT_EQ(error_response(error{errc::limit_exceeded}).status, 409u);
  EXPECT_EQ(error_response(error{errc::rate_limited}).status, 429u);
  EXPECT_EQ(error_response(error{errc::internal}).status, 500u);
  EXPECT_EQ(error_response(error{errc::unavailable}).status, 503u);
  EXPECT_EQ(error_response(error{errc::timeout}).status, 504u);
  EXPECT_EQ(error_response(error{errc::bad_request}, 413).status, 413u);
}

} // namespace
} // namespace troupe
