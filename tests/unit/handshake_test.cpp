#include "server/net/handshake.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

namespace http = boost::beast::http;

// The request of RFC 6455 section 1.3.
http_request example() {
  http_request request{http::verb::get, "/ws", 11};
  request.set(http::field::host, "server.example.com");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_version, "13");
  return request;
}

std::string accepted(const http_request& request) {
  const auto answer = shake_hands(request);
  const auto* bytes = std::get_if<std::string>(&answer);
  EXPECT_NE(bytes, nullptr);
  return bytes ? *bytes : "";
}

http_answer refused(const http_request& request) {
  const auto answer = shake_hands(request);
  const auto* why = std::get_if<http_answer>(&answer);
  EXPECT_NE(why, nullptr) << "it was accepted";
  return why ? *why : http_answer{};
}

TEST(handshake, the_example_of_the_standard) {
  EXPECT_EQ(accepted(example()), "HTTP/1.1 101 Switching Protocols\r\n"
                                 "Upgrade: websocket\r\n"
                                 "Connection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                 "\r\n");
}

TEST(handshake, headers_may_be_written_as_browsers_and_proxies_write_them) {
  auto request = example();
  request.set(http::field::connection, "keep-alive, upgrade");
  request.set(http::field::upgrade, "WebSocket");
  EXPECT_NE(accepted(request).find("101 Switching"), std::string::npos);
}

TEST(handshake, the_subprotocol_is_chosen_when_it_is_offered) {
  for (const auto* offer :
       {"troupe.v1", "troupe.v1, bearer.abc", "bearer.abc,troupe.v1", "x, troupe.v1 ,y"}) {
    auto request = example();
    request.set(http::field::sec_websocket_protocol, offer);
    EXPECT_NE(accepted(request).find("\r\nSec-WebSocket-Protocol: troupe.v1\r\n"),
              std::string::npos)
      << offer;
  }
  for (const auto* offer :
       {"", "other", "troupe.v2, bearer.abc", "troupe.v12", "bearer.troupe.v1"}) {
    auto request = example();
    request.set(http::field::sec_websocket_protocol, offer);
    EXPECT_EQ(accepted(request).find("Sec-WebSocket-Protocol"), std::string::npos) << offer;
  }
}

void expect_426(const http_request& request, const char* why) {
  const auto answer = refused(request);
  EXPECT_EQ(answer.status, 426u) << why;
  const auto bytes = serialize(answer, true, false);
  EXPECT_NE(bytes.find("\r\nUpgrade: websocket\r\n"), std::string::npos) << why;
  EXPECT_NE(bytes.find("\r\nConnection: Upgrade\r\n"), std::string::npos) << why;
  EXPECT_NE(bytes.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos) << why;
}

TEST(handshake, a_plain_request_is_told_to_upgrade) {
  auto request = example();
  request.erase(http::field::upgrade);
  expect_426(request, "no upgrade");
  request = example();
  request.erase(http::field::connection);
  expect_426(request, "no connection");
  request = example();
  request.set(http::field::upgrade, "h2c");
  expect_426(request, "another protocol");
  request = example();
  request.method(http::verb::post);
  expect_426(request, "not GET");
  request = example();
  request.version(10);
  expect_426(request, "HTTP/1.0");
}

TEST(handshake, another_version_is_told_which_one_is_spoken) {
  for (const auto* version : {"", "8", "12", "14", "013", "13, 8"}) {
    auto request = example();
    request.set(http::field::sec_websocket_version, version);
    expect_426(request, version);
  }
  auto request = example();
  request.erase(http::field::sec_websocket_version);
  expect_426(request, "no version");
}

TEST(handshake, a_key_that_is_not_16_bytes_in_base64_is_refused) {
  for (const auto* key : {"", "abc", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
                          "dGhlIHNhbXBsZSBub25jZQQ=", "dGhlIHNhbXBsZSBub25j-Q==",
                          "dGhl=HNhbXBsZSBub25jZQ==", "========================"}) {
    auto request = example();
    request.set(http::field::sec_websocket_key, key);
    const auto answer = refused(request);
    EXPECT_EQ(answer.status, 400u) << key;
    EXPECT_NE(answer.body.find("Sec-WebSocket-Key"), std::string::npos) << key;
  }
  auto request = example();
  request.erase(http::field::sec_websocket_key);
  EXPECT_EQ(refused(request).status, 400u);
}

} // namespace
} // namespace troupe
