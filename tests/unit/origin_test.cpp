#include "server/net/origin.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using list = std::vector<std::string>;

bool allowed(const list& entries, std::string_view origin, std::string_view host = "chat.example") {
  return origin_allowed(entries, origin, host);
}

TEST(origin, an_empty_list_lets_everybody_in) {
  for (const auto* origin : {"", "null", "https://anywhere.example", "not an origin"})
    EXPECT_TRUE(allowed({}, origin)) << origin;
}

TEST(origin, an_exact_entry_is_that_scheme_host_and_port) {
  const list entries{"https://app.example", "http://localhost:3000"};
  for (const auto* origin : {"https://app.example", "HTTPS://App.Example",
                             "https://app.example:443", "http://localhost:3000"})
    EXPECT_TRUE(allowed(entries, origin)) << origin;
  for (const auto* origin :
       {"http://app.example", "https://app.example:8443", "https://app.example.evil",
        "https://evil.app.example", "https://xapp.example", "https://app.example@evil.example",
        "https://evil.example/https://app.example", "https://app.exampl", "http://localhost",
        "http://localhost:30000", "http://localhost:3000x", "app.example", "https://",
        "https://app.example:", "https://app.example/", "https://app.example https://evil.example",
        "null", ""})
    EXPECT_FALSE(allowed(entries, origin)) << origin;
}

TEST(origin, the_default_port_may_be_written_in_the_entry) {
  EXPECT_TRUE(allowed({"https://app.example:443"}, "https://app.example"));
  EXPECT_TRUE(allowed({"http://app.example:80"}, "http://app.example"));
  EXPECT_FALSE(allowed({"http://app.example:443"}, "http://app.example"));
}

TEST(origin, a_host_alone_is_that_host_with_any_scheme_and_port) {
  for (const auto* origin :
       {"https://app.example", "http://app.example:8080", "http://APP.example"})
    EXPECT_TRUE(allowed({"app.example"}, origin)) << origin;
  for (const auto* origin :
       {"https://x.app.example", "https://app.example.evil", "https://example"})
    EXPECT_FALSE(allowed({"app.example"}, origin)) << origin;
  EXPECT_TRUE(allowed({"app.example:8080"}, "http://app.example:8080"));
  EXPECT_FALSE(allowed({"app.example:8080"}, "http://app.example"));
  EXPECT_TRUE(allowed({"app.example:443"}, "https://app.example"));
}

TEST(origin, a_star_and_a_dot_is_every_host_below) {
  for (const auto* origin :
       {"https://a.example.com", "http://a.b.example.com:81", "https://A.EXAMPLE.com"})
    EXPECT_TRUE(allowed({"*.example.com"}, origin)) << origin;
  for (const auto* origin :
       {"https://example.com", "https://evilexample.com", "https://.example.com",
        "https://a.example.com.evil", "https://example.com.evil", "https://evil/a.example.com",
        "https://evil@a.example.com", "https://evil a.example.com"})
    EXPECT_FALSE(allowed({"*.example.com"}, origin)) << origin;
  EXPECT_TRUE(allowed({"https://*.example.com"}, "https://a.example.com"));
  EXPECT_FALSE(allowed({"https://*.example.com"}, "http://a.example.com"));
  EXPECT_FALSE(allowed({"https://*.example.com"}, "https://a.example.com:8443"));
}

TEST(origin, who_has_none_needs_the_word) {
  EXPECT_FALSE(allowed({"https://app.example"}, ""));
  EXPECT_FALSE(allowed({"*"}, ""));
  EXPECT_TRUE(allowed({"https://app.example", "none"}, ""));
  EXPECT_FALSE(allowed({"none"}, "https://app.example"));
  EXPECT_FALSE(allowed({"none"}, "none"));
}

TEST(origin, an_opaque_origin_needs_the_word) {
  for (const auto* origin : {"null", "NULL"}) {
    EXPECT_TRUE(allowed({"null"}, origin)) << origin;
    for (const auto* entry : {"*", "none", "self", "*.example", "https://null"})
      EXPECT_FALSE(allowed({entry}, origin)) << origin << " by " << entry;
  }
}

TEST(origin, self_is_where_the_request_was_sent) {
  const list self{"self"};
  EXPECT_TRUE(allowed(self, "http://chat.example:8081", "chat.example:8081"));
  EXPECT_TRUE(allowed(self, "http://chat.example", "Chat.Example"));
  EXPECT_TRUE(allowed(self, "https://chat.example", "chat.example")) << "behind a TLS proxy";
  EXPECT_TRUE(allowed(self, "https://chat.example", "chat.example:443"));
  EXPECT_TRUE(allowed(self, "http://[::1]:8081", "[::1]:8081"));
  EXPECT_FALSE(allowed(self, "http://chat.example:8082", "chat.example:8081"));
  EXPECT_FALSE(allowed(self, "http://other.example", "chat.example"));
  EXPECT_FALSE(allowed(self, "http://[::2]", "[::1]"));
  EXPECT_FALSE(allowed(self, "http://chat.example", ""));
  EXPECT_FALSE(allowed(self, "", "chat.example"));
}

TEST(origin, a_star_is_every_origin_that_is_one) {
  EXPECT_TRUE(allowed({"*"}, "https://anywhere.example:99"));
  for (const auto* origin : {"", "null", "anywhere.example", "://x", "https://"})
    EXPECT_FALSE(allowed({"*"}, origin)) << origin;
}

TEST(origin, an_entry_that_could_never_fit_is_told) {
  for (const auto* entry :
       {"https://app.example", "app.example", "*.example.com", "https://*.example.com:8443", "self",
        "none", "null", "*", "http://[::1]:3000", "localhost:3000", "chrome-extension://abcdef"})
    EXPECT_TRUE(valid_origin_entry(entry)) << entry;
  for (const auto* entry :
       {"", "https://", "https://app.example/", "https://app.example/path", "a b",
        "https:/app.example", "https://app.example:port", "https://app.example:", "app.*.example",
        "**.example", "*.", "*example.com", "https://a,https://b", "://app.example", "[::1",
        "http://[::1]x", "a\nb"})
    EXPECT_FALSE(valid_origin_entry(entry)) << entry;
}

} // namespace
} // namespace troupe
