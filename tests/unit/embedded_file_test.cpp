#include "server/net/embedded_file.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

namespace http = boost::beast::http;

constexpr embedded_file script{"let a;", "text/javascript", "0123456789abcdef0123"};
constexpr auto tag = "\"0123456789abcdef\"";

http_response answer_to(const char* known, const char* also = nullptr) {
  http_request request{http::verb::get, "/script.js", 11};
  if (known)
    request.insert(http::field::if_none_match, known);
  if (also)
    request.insert(http::field::if_none_match, also);
  return file_response(script, request);
}

std::string field(const http_response& of, std::string_view name) {
  for (const auto& [each, text] : of.fields)
    if (each == name)
      return text;
  return {};
}

TEST(embedded_file, is_whole_for_who_does_not_have_it) {
  for (const auto* known : {static_cast<const char*>(nullptr), "", "\"another\"",
                            "0123456789abcdef", "\"0123456789abcdef0123\""}) {
    const auto whole = answer_to(known);
    EXPECT_EQ(whole.status, 200u) << (known ? known : "nothing");
    EXPECT_EQ(whole.body, "let a;");
    EXPECT_EQ(whole.content_type, "text/javascript");
    EXPECT_EQ(field(whole, "ETag"), tag);
    EXPECT_EQ(field(whole, "Cache-Control"), "no-cache");
    EXPECT_EQ(field(whole, "X-Content-Type-Options"), "nosniff");
  }
}

TEST(embedded_file, is_a_word_for_who_has_it) {
  for (const auto* known :
       {tag, "W/\"0123456789abcdef\"", "\"another\", \"0123456789abcdef\"", "*"}) {
    const auto same = answer_to(known);
    EXPECT_EQ(same.status, 304u) << known;
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(field(same, "ETag"), tag);
    EXPECT_EQ(field(same, "Cache-Control"), "no-cache");
  }
  EXPECT_EQ(answer_to("\"another\"", tag).status, 304u);
}

TEST(embedded_file, has_no_length_where_it_is_a_word) {
  EXPECT_EQ(serialize({.status = 304, .body = {}, .fields = {{"ETag", tag}}}, {}),
            std::string("HTTP/1.1 304 Not Modified\r\nETag: ") + tag + "\r\n\r\n");
}

} // namespace
} // namespace troupe
