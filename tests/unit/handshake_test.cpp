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
  const auto answer = answer_handshake(request);
  EXPECT_TRUE(answer) << answer.error().body;
  return answer.value_or("");
}

http_response refused(const http_request& request) {
  const auto answer = answer_handshake(request);
  EXPECT_FALSE(answer) << "it was accepted";
  return answer ? http_response{} : answer.error();
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

TEST(handshake, lists_may_be_spread_over_several_lines) {
  auto request = example();
  request.set(http::field::connection, "keep-alive");
  request.insert(http::field::connection, "Upgrade");
  request.set(http::field::upgrade, "h2c");
  request.insert(http::field::upgrade, "websocket");
  request.insert(http::field::sec_websocket_protocol, "bearer.abc");
  request.insert(http::field::sec_websocket_protocol, "troupe.v1");
  EXPECT_NE(accepted(request).find("\r\nSec-WebSocket-Protocol: troupe.v1\r\n"), std::string::npos);
}

TEST(handshake, a_line_that_is_no_list_does_not_spoil_the_others) {
  auto request = example();
  request.set(http::field::connection, "\"broken");
  request.insert(http::field::connection, "upgrade");
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
  const auto bytes = serialize(answer, {});
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

deflate_settings compressing(std::uint32_t window_bits = 12) {
  return {.enabled = true, .level = 6, .window_bits = window_bits, .min_bytes = 256};
}

std::string agreed(const char* offers, std::uint32_t window_bits = 12) {
  auto request = example();
  request.set(http::field::sec_websocket_extensions, offers);
  return agree_on_deflate(request, compressing(window_bits));
}

const std::string both = "permessage-deflate; server_no_context_takeover; "
                         "client_no_context_takeover";

TEST(handshake, offers_of_compression_that_are_met) {
  const std::pair<const char*, std::string> offers[] = {
    {"permessage-deflate", both},
    {"permessage-deflate; client_max_window_bits", both}, // Chromium
    {"permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
     both + "; server_max_window_bits=12"}, // the Python library `websockets`
    {"permessage-deflate; client_max_window_bits=8", both},
    {"permessage-deflate; client_max_window_bits=15", both},
    {"permessage-deflate; server_no_context_takeover", both},
    {"permessage-deflate; client_no_context_takeover; server_no_context_takeover", both},
    {"permessage-deflate; server_max_window_bits=15", both + "; server_max_window_bits=12"},
    {"permessage-deflate; server_max_window_bits=\"13\"", both + "; server_max_window_bits=12"},
    {"permessage-deflate; server_max_window_bits=\"1\\3\"", both + "; server_max_window_bits=12"},
    {"  permessage-deflate ;\tclient_max_window_bits = 10 , ", both},
    {",,permessage-deflate,,", both},
    {"x-webkit-deflate-frame, permessage-deflate", both},
    {"other; a=b; c=\"d\"; e, permessage-deflate", both},
    {"permessage-deflate, other; a=\"b\"", both},
    // The first offer that can be met is taken.
    {"permessage-deflate; server_max_window_bits=10, permessage-deflate", both},
    {"permessage-deflate; unknown, permessage-deflate; server_max_window_bits=14",
     both + "; server_max_window_bits=12"},
    {"permessage-deflate, permessage-deflate; server_max_window_bits=14", both},
  };
  for (const auto& [offer, answer] : offers)
    EXPECT_EQ(agreed(offer), answer) << offer;
}

TEST(handshake, offers_of_compression_that_are_passed_over) {
  for (const auto* offer : {
         "",
         ",",
         "other",
         "permessage-deflate2",
         "Permessage-Deflate",
         "permessage-deflate; unknown",
         "permessage-deflate; unknown=1",
         "permessage-deflate; server_no_context_takeover=1",
         "permessage-deflate; client_no_context_takeover=true",
         "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
         "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
         "permessage-deflate; client_max_window_bits; client_max_window_bits",
         "permessage-deflate; server_max_window_bits=12; server_max_window_bits=12",
         "permessage-deflate; server_max_window_bits",
         "permessage-deflate; server_max_window_bits=7",
         "permessage-deflate; server_max_window_bits=16",
         "permessage-deflate; server_max_window_bits=012",
         "permessage-deflate; server_max_window_bits=+12",
         "permessage-deflate; server_max_window_bits=12a",
         "permessage-deflate; server_max_window_bits=120",
         "permessage-deflate; client_max_window_bits=7",
         "permessage-deflate; client_max_window_bits=16",
         "permessage-deflate; client_max_window_bits=08",
         "permessage-deflate; client_max_window_bits=x",
         // A smaller window than the server's.
         "permessage-deflate; server_max_window_bits=8",
         "permessage-deflate; server_max_window_bits=11",
         // Malformed: nothing in it counts.
         "permessage-deflate;",
         "permessage-deflate; =12",
         "permessage-deflate; server_max_window_bits=",
         "permessage-deflate; server_max_window_bits=\"\"",
         "permessage-deflate; server_max_window_bits=\"12",
         "permessage-deflate; server_max_window_bits=\"12\\",
         "permessage-deflate; server_max_window_bits=\"12 \"",
         "permessage-deflate server_max_window_bits=12",
         "permessage-deflate, ;",
         "permessage-deflate, (other)",
         "; permessage-deflate",
         "\xff, permessage-deflate",
       })
    EXPECT_EQ(agreed(offer), "") << offer;
}

TEST(handshake, the_window_of_the_configuration_is_the_one_that_is_promised) {
  for (std::uint32_t ours = 9; ours <= 15; ++ours)
    for (std::uint32_t theirs = 8; theirs <= 15; ++theirs) {
      const auto offer = "permessage-deflate; server_max_window_bits=" + std::to_string(theirs);
      EXPECT_EQ(agreed(offer.c_str(), ours),
                ours <= theirs ? both + "; server_max_window_bits=" + std::to_string(ours) : "")
        << ours << " " << theirs;
    }
}

TEST(handshake, offers_may_be_spread_over_several_headers) {
  auto request = example();
  request.insert(http::field::sec_websocket_extensions, "other");
  request.insert(http::field::sec_websocket_extensions, "permessage-deflate");
  EXPECT_EQ(agree_on_deflate(request, compressing()), both);
}

TEST(handshake, compression_is_not_agreed_on_unless_it_is_enabled_and_asked_for) {
  EXPECT_EQ(agree_on_deflate(example(), compressing()), "");
  auto request = example();
  request.set(http::field::sec_websocket_extensions, "permessage-deflate");
  EXPECT_EQ(agree_on_deflate(request, deflate_settings{}), "") << "off by default";
}

TEST(handshake, the_answer_names_the_extensions) {
  const auto answer = answer_handshake(example(), both);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->find("\r\nSec-WebSocket-Extensions: " + both + "\r\n"), std::string::npos);
  EXPECT_EQ(accepted(example()).find("Sec-WebSocket-Extensions"), std::string::npos);
}

} // namespace
} // namespace troupe
