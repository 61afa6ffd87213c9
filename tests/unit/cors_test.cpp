#include "server/net/cors.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

namespace http = boost::beast::http;

using list = std::vector<std::string>;
using fields = http_fields;

http_request request_of(const char* origin, http::verb method = http::verb::post) {
  http_request request{method, "/api/v1/announce", 11};
  request.set(http::field::host, "chat.example");
  if (*origin)
    request.set(http::field::origin, origin);
  if (method == http::verb::options)
    request.set(http::field::access_control_request_method, "POST");
  return request;
}

std::string value(const fields& all, std::string_view name) {
  for (const auto& [each, text] : all)
    if (each == name)
      return text;
  return {};
}

TEST(cors, the_answer_names_the_origin_that_asked_and_no_other) {
  const list allowed{"https://app.example", "*.example.com"};
  for (const auto* origin : {"https://app.example", "https://a.example.com"}) {
    const auto given = cors_fields(allowed, request_of(origin));
    EXPECT_EQ(value(given, "Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(value(given, "Vary"), "Origin");
    EXPECT_EQ(value(given, "Access-Control-Allow-Credentials"), "");
  }
}

TEST(cors, who_may_not_or_is_no_page_is_told_nothing) {
  for (const auto* origin : {"https://evil.example", "null", "nonsense", ""})
    EXPECT_EQ(cors_fields({"https://app.example", "none"}, request_of(origin)), fields{}) << origin;
  EXPECT_EQ(cors_fields({}, request_of("")), fields{});
}

TEST(cors, without_a_list_every_page_may_and_is_named) {
  EXPECT_EQ(
    value(cors_fields({}, request_of("https://any.example")), "Access-Control-Allow-Origin"),
    "https://any.example");
}

TEST(cors, two_origins_are_none) {
  auto request = request_of("https://app.example");
  request.insert(http::field::origin, "https://evil.example");
  EXPECT_EQ(cors_fields({}, request), fields{});
}

TEST(cors, pages_read_all_answers_of_the_api_and_all_errors) {
  const fields named{{"Access-Control-Allow-Origin", "https://app.example"}};
  const auto written = [&](unsigned status, bool api) {
    return serialize({.status = status, .body = {}}, {.for_pages = named, .all_for_pages = api})
             .find("\r\nAccess-Control-Allow-Origin: https://app.example\r\n") != std::string::npos;
  };
  EXPECT_TRUE(written(200, true) && written(204, true) && written(413, true));
  EXPECT_TRUE(written(400, false) && written(408, false) && written(503, false));
  EXPECT_FALSE(written(200, false));
  http_header header;
  for (const auto* path : {"/api/v1/publish", "/api/"}) {
    header.target(path);
    EXPECT_TRUE(is_for_pages(header)) << path;
  }
  for (const auto* path : {"", "/", "/ws", "/apis"}) {
    header.target(path);
    EXPECT_FALSE(is_for_pages(header)) << path;
  }
}

TEST(cors, a_preflight_is_answered) {
  const auto yes = preflight_response({"https://app.example"},
                                      request_of("https://app.example", http::verb::options));
  ASSERT_TRUE(yes);
  EXPECT_EQ(yes->status, 204u);
  EXPECT_EQ(value(yes->fields, "Access-Control-Allow-Headers"),
            "Authorization, Content-Type, Idempotency-Key");
  EXPECT_EQ(value(yes->fields, "Access-Control-Allow-Origin"), "") << "added to every answer";
  const auto no = preflight_response({"https://app.example"},
                                     request_of("https://evil.example", http::verb::options));
  ASSERT_TRUE(no);
  EXPECT_EQ(no->status, 403u);
  EXPECT_EQ(no->fields, fields{});
}

TEST(cors, what_is_no_preflight_goes_on_its_way) {
  EXPECT_FALSE(preflight_response({}, request_of("https://app.example")));
  EXPECT_FALSE(preflight_response({}, request_of("", http::verb::options)));
  auto plain = request_of("https://app.example", http::verb::options);
  plain.erase(http::field::access_control_request_method);
  EXPECT_FALSE(preflight_response({}, plain));
}

} // namespace
} // namespace troupe
