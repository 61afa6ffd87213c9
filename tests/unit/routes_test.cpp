#include "server/net/routes.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace troupe {
namespace {

using verb = boost::beast::http::verb;

std::optional<std::string> open_part(std::string_view pattern, std::string_view path) {
  std::string_view open = "untouched";
  if (!fits(pattern, path, open))
    return std::nullopt;
  return std::string(open);
}

TEST(routes, a_plain_pattern_is_one_path) {
  EXPECT_TRUE(open_part("/healthz", "/healthz"));
  for (const auto* other : {"", "/", "/health", "/healthz/", "/healthzz", "/HEALTHZ"})
    EXPECT_FALSE(open_part("/healthz", other)) << other;
}

TEST(routes, a_star_is_whatever_follows) {
  EXPECT_EQ(open_part("/chat/*", "/chat/lobby"), "lobby");
  EXPECT_EQ(open_part("/chat/*", "/chat/a/b%2f"), "a/b%2f");
  EXPECT_EQ(open_part("/chat/*", "/chat/"), "");
  EXPECT_FALSE(open_part("/chat/*", "/chat"));
  EXPECT_FALSE(open_part("/chat/*", "/room/chat/x"));
}

TEST(routes, braces_are_something_in_the_middle) {
  EXPECT_EQ(open_part("/rooms/{id}/message", "/rooms/lobby/message"), "lobby");
  EXPECT_EQ(open_part("/rooms/{id}/message", "/rooms/a/b/message"), "a/b");
  EXPECT_EQ(open_part("/rooms/{id}/message", "/rooms//message/message"), "/message");
  for (const auto* other :
       {"/rooms//message", "/rooms/message", "/rooms/lobby", "/rooms/lobby/message/"})
    EXPECT_FALSE(open_part("/rooms/{id}/message", other)) << other;
}

TEST(routes, the_first_row_that_fits_is_found) {
  struct row {
    std::string_view pattern;
  };
  static constexpr row rows[] = {{"/a"}, {"/a/{x}/b"}, {"/a/*"}};
  std::string_view open;
  EXPECT_EQ(find_route<row>(rows, "/a", open), rows);
  EXPECT_EQ(find_route<row>(rows, "/a/x/b", open), rows + 1);
  EXPECT_EQ(find_route<row>(rows, "/a/x/c", open), rows + 2);
  EXPECT_EQ(open, "x/c");
  EXPECT_EQ(find_route<row>(rows, "/b", open), nullptr);
}

TEST(routes, methods_are_taken_or_refused_with_their_names) {
  EXPECT_TRUE(takes(methods::any, verb::delete_));
  EXPECT_TRUE(takes(methods::get, verb::get) && takes(methods::get, verb::head));
  EXPECT_TRUE(!takes(methods::get, verb::post) && !takes(methods::get, verb::options));
  EXPECT_TRUE(takes(methods::post, verb::post) && !takes(methods::post, verb::get));
  using fields = decltype(http_response::fields);
  EXPECT_EQ(wrong_method(methods::post).fields, (fields{{"Allow", "POST"}}));
  const auto refused = wrong_method(methods::get);
  EXPECT_EQ(refused.status, 405u);
  EXPECT_EQ(refused.fields, (fields{{"Allow", "GET, HEAD"}}));
  EXPECT_NE(refused.body.find("Only GET here"), std::string::npos);
}

} // namespace
} // namespace troupe
