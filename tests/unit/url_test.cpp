// How URLs are taken apart. Targets, escapes and queries are in http_test.
#include "server/text/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {
namespace {

// `scheme|user|host|port|rest`, with `-` for what is not there; empty when it is no URL.
std::string in_parts(const std::optional<url_parts>& parts) {
  if (!parts)
    return {};
  const auto text = [](const std::optional<std::string_view>& part) {
    return std::string(part.value_or("-"));
  };
  return std::string(parts->scheme) + '|' + text(parts->user_info) + '|' +
         std::string(parts->host) + '|' + text(parts->port) + '|' + std::string(parts->rest);
}

TEST(url, is_taken_apart) {
  const std::pair<const char*, const char*> cases[] = {
    {"https://app.example", "https|-|app.example|-|"},
    {"HTTPS://App.Example:443", "HTTPS|-|App.Example|443|"},
    {"ws://[::1]:8080/chat/x?token=y#z", "ws|-|[::1]|8080|/chat/x?token=y#z"},
    {"ws://h/\xc3\xbc|\"", "ws|-|h|-|/\xc3\xbc|\""},
    {"ws://h?a://b", "ws|-|h|-|?a://b"},
    {"nats://ann:pa%20ss@a_b:4222", "nats|ann:pa%20ss|a_b|4222|"},
    {"ws://@h", "ws||h|-|"},
    {"ws://h:", "ws|-|h||"},
    {"chrome-extension://abc", "chrome-extension|-|abc|-|"},
    {"https://", "https|-||-|"},
    {"https://*.example.com", "https|-|*.example.com|-|"},
  };
  for (const auto& [url, parts] : cases)
    EXPECT_EQ(in_parts(split_url(url)), parts) << url;
}

TEST(url, what_is_none_is_told) {
  for (const auto* wrong :
       {"", "app.example", "://app.example", "https:/app.example", "1http://a", "h ttp://a",
        "http://a b", "http://a:b", "http://[::1", "http://[::1]x", "http://a\\b", "http://a\nb"})
    EXPECT_FALSE(split_url(wrong)) << wrong;
}

TEST(url, an_authority_alone_has_host_and_port) {
  EXPECT_EQ(in_parts(split_authority("app.example")), "|-|app.example|-|");
  EXPECT_EQ(in_parts(split_authority("localhost:3000")), "|-|localhost|3000|");
  EXPECT_EQ(in_parts(split_authority("[::1]:3000")), "|-|[::1]|3000|");
  EXPECT_EQ(in_parts(split_authority("")), "|-||-|");
  for (const auto* wrong : {"a b", "a/b", "[::1", "a:b", "http://a"})
    EXPECT_EQ(in_parts(split_authority(wrong)), "") << wrong;
}

} // namespace
} // namespace troupe
