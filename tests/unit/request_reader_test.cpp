// HTTP requests that could be read in more than one way, and those that only look strange.
#include "server/net/request_reader.hpp"
#include "server/net/request_rules.hpp"
#include "server/net/request_target.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {
namespace {

namespace http = boost::beast::http;

struct outcome {
  unsigned refused = 0; // status
  std::string told;
  bool done = false;
  std::string body;
  std::string rest; // what was not taken
};

// Reads `bytes` as they come in portions of `portion`.
outcome read(const std::string& bytes, std::size_t portion = SIZE_MAX, const limits& bounds = {}) {
  request_reader reader(bounds);
  std::string input;
  for (std::size_t at = 0; at < bytes.size() && !reader.done() && !reader.refusal();) {
    const auto more = bytes.substr(at, portion);
    at += more.size();
    input += more;
    input.erase(0, reader.read(input));
    if (reader.done() || reader.refusal())
      input += bytes.substr(at);
  }
  outcome out;
  if (reader.refusal()) {
    out.refused = reader.refusal()->status;
    out.told = reader.refusal()->body;
  } else if ((out.done = reader.done())) {
    out.body = reader.take().body();
  }
  out.rest = input;
  return out;
}

const std::string get = "GET / HTTP/1.1\r\n", post = "POST /x HTTP/1.1\r\nHost: a\r\n";
const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";

struct bad_request {
  const char* name;
  std::string bytes;
};

class refused_request : public testing::TestWithParam<bad_request> {};

TEST_P(refused_request, is_told_400_however_it_comes) {
  for (const std::size_t portion : {SIZE_MAX, std::size_t{7}, std::size_t{1}}) {
    const auto got = read(GetParam().bytes, portion);
    EXPECT_EQ(got.refused, 400u) << "in portions of " << portion;
    EXPECT_NE(got.told.find("bad_request"), std::string::npos);
  }
}

const std::vector<bad_request> bad_requests{
  {"gzip", post + "Transfer-Encoding: gzip\r\n\r\n" + smuggled},
  {"identity", post + "Transfer-Encoding: identity\r\n\r\n" + smuggled},
  {"gzip_chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks},
  {"chunked_gzip", post + "Transfer-Encoding: chunked, gzip\r\n\r\n" + chunks},
  {"chunked_chunked", post + "Transfer-Encoding: chunked, chunked\r\n\r\n" + chunks},
  {"chunked_comma", post + "Transfer-Encoding: chunked,\r\n\r\n" + chunks},
  {"comma_chunked", post + "Transfer-Encoding: ,chunked\r\n\r\n" + chunks},
  {"chunked_parameter", post + "Transfer-Encoding: chunked;q=1\r\n\r\n" + chunks},
  {"xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n" + chunks},
  {"quoted", post + "Transfer-Encoding: \"chunked\"\r\n\r\n" + chunks},
  {"empty", post + "Transfer-Encoding:\r\n\r\n" + smuggled},
  {"vertical_tab", post + "Transfer-Encoding: \vchunked\r\n\r\n" + chunks},
  {"twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
  {"twice_differently",
   post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunks},
  {"identity_then_chunked",
   post + "Transfer-Encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n" + chunks},
  {"length_and_chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
  {"chunked_and_length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunks},
  {"gzip_and_length", post + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"},
  {"length_0_and_chunked",
   post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled},
  {"space_before_colon", post + "Transfer-Encoding : chunked\r\n\r\n" + chunks},
  {"tab_before_colon", post + "Transfer-Encoding\t: chunked\r\n\r\n" + chunks},
  {"folded", post + "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunks},
  {"folded_tab", post + "X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n" + smuggled},
  {"folded_twice", post + "X:\r\n \r\n b\r\nY: c\r\n\r\n"},
  {"blank_before_first_field", get + " Host: a\r\n\r\n"},
  {"old_version", "POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
  {"lengths_that_differ", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
  {"lengths_that_agree", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
  {"list_of_lengths", post + "Content-Length: 5, 5\r\n\r\nhello"},
  {"length_comma", post + "Content-Length: 5,\r\n\r\nhello"},
  {"length_plus", post + "Content-Length: +5\r\n\r\nhello"},
  {"length_minus", post + "Content-Length: -5\r\n\r\nhello"},
  {"length_hex", post + "Content-Length: 0x5\r\n\r\nhello"},
  {"length_space", post + "Content-Length: 5 5\r\n\r\nhello"},
  {"length_empty", post + "Content-Length:\r\n\r\n" + smuggled},
  {"length_quoted", post + "Content-Length: \"5\"\r\n\r\nhello"},
  {"length_overflow", post + "Content-Length: 18446744073709551621\r\n\r\nhello"},
  {"length_nul", post + std::string("Content-Length: 5\0\r\n\r\nhello", 26)},
  {"bare_line_feed", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
  {"bare_line_feed_first", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
  {"bare_line_feed_last", "GET / HTTP/1.1\r\nHost: a\r\n\n\r\n\r\n"},
  {"bare_carriage_return", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
  {"nul_in_a_value", "GET / HTTP/1.1\r\nHost: a\r\n" + std::string("X: a\0b\r\n\r\n", 10)},
  {"field_without_a_name", get + "Host: a\r\n: b\r\n\r\n"},
  {"field_without_a_colon", get + "Host: a\r\nb\r\n\r\n"},
  {"no_host", get + "\r\n"},
  {"two_hosts", get + "Host: a\r\nHost: a\r\n\r\n"},
  {"two_hosts_of_old", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
  {"list_of_hosts", get + "Host: a, b\r\n\r\n"},
  {"host_with_a_path", get + "Host: a/b\r\n\r\n"},
  {"host_with_a_user", get + "Host: a@b\r\n\r\n"},
  {"two_authorizations", get + "Host: a\r\nAuthorization: x\r\nauthorization: y\r\n\r\n"},
  {"two_origins", get + "Host: a\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n"},
  {"target_without_a_slash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"target_of_connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"star_of_get", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"url_of_another_protocol", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"url_with_a_user", "GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"url_without_a_host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"url_with_a_broken_host", "GET http://a b/x HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"url_and_no_host", "GET http://a/x HTTP/1.1\r\n\r\n"},
  {"url_and_two_hosts", "GET http://a/x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
  {"empty_line_without_carriage_return", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"blank_before_the_request", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"carriage_return_before_the_request", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"http_2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
  {"http_09", "GET /\r\n\r\n"},
  {"two_blanks", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"},
  {"chunk_extension", post + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n"},
  {"chunk_extension_line_feed",
   post + "Transfer-Encoding: chunked\r\n\r\n3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"},
  {"last_chunk_extension", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0;a\r\n\r\n"},
  {"chunk_size_plus", post + "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"},
  {"chunk_size_0x", post + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"},
  {"chunk_size_blank", post + "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n"},
  {"chunk_size_empty", post + "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n"},
  {"chunk_size_overflow",
   post + "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n"},
  {"chunk_too_long", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
  {"chunk_line_feed", post + "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n\r\n\r\n"},
  {"trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n"},
  {"trailer_length", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
  {"body_of_a_handshake",
   get + "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello"},
  {"body_of_a_handshake_in_lines",
   get + "Host: a\r\nUpgrade: h2c\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n"
         "Connection: Upgrade\r\nContent-Length: 5\r\n\r\nhello"},
  {"chunked_body_of_a_handshake",
   get +
     "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n\r\n" +
     chunks},
};

INSTANTIATE_TEST_SUITE_P(, refused_request, testing::ValuesIn(bad_requests),
                         [](const auto& each) { return std::string(each.param.name); });

struct good_request {
  const char* name;
  std::string bytes;
  std::string body;
};

class accepted_request : public testing::TestWithParam<good_request> {};

TEST_P(accepted_request, is_read_to_its_end_and_no_further) {
  for (const std::size_t portion : {SIZE_MAX, std::size_t{7}, std::size_t{1}}) {
    const auto got = read(GetParam().bytes + smuggled, portion);
    ASSERT_TRUE(got.done) << got.told << " in portions of " << portion;
    EXPECT_EQ(got.body, GetParam().body);
    EXPECT_EQ(got.rest, smuggled) << "the next request";
  }
}

const std::vector<good_request> good_requests{
  {"plain", get + "Host: a\r\n\r\n", ""},
  {"host_with_a_port", get + "Host: [::1]:8081\r\n\r\n", ""},
  {"empty_host", get + "Host:\r\n\r\n", ""},
  {"old_without_host", "GET / HTTP/1.0\r\n\r\n", ""},
  {"length", post + "Content-Length: 5\r\n\r\nhello", "hello"},
  {"length_0", post + "Content-Length: 0\r\n\r\n", ""},
  {"length_with_zeros", post + "Content-Length: 005\r\n\r\nhello", "hello"},
  {"old_with_length", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", "hello"},
  {"chunked", post + "Transfer-Encoding: chunked\r\n\r\n" + chunks, "abc"},
  {"chunked_in_capitals", post + "TRANSFER-ENCODING:\tChunked \r\n\r\n" + chunks, "abc"},
  {"chunks", post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0A\r\n0123456789\r\n000\r\n\r\n",
   "a0123456789"},
  {"body_like_a_folded_line", post + "Content-Length: 6\r\n\r\n\r\n abc", "\r\n abc"},
  {"body_that_begins_with_a_blank", post + "Content-Length: 4\r\n\r\n abc", " abc"},
  {"handshake_with_length_0",
   get + "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n", ""},
  {"url", "GET http://a:80/x?y HTTP/1.1\r\nHost: b\r\n\r\n", ""},
  {"star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", ""},
  {"empty_line_before", "\r\n" + get + "Host: a\r\n\r\n", ""},
  {"empty_lines_before", "\r\n\r\n\r\n" + post + "Content-Length: 5\r\n\r\nhello", "hello"},
  {"fields_twice_that_may_be", get + "Host: a\r\nX-A: 1\r\nX-A: 2\r\n\r\n", ""},
};

INSTANTIATE_TEST_SUITE_P(, accepted_request, testing::ValuesIn(good_requests),
                         [](const auto& each) { return std::string(each.param.name); });

bool kept_alive(const std::string& request) {
  request_reader reader(limits{});
  EXPECT_EQ(reader.read(request), request.size());
  EXPECT_TRUE(reader.done());
  return reader.keep_alive();
}

TEST(request_reader, a_connection_is_kept_unless_one_of_the_lines_says_close) {
  EXPECT_TRUE(kept_alive(get + "Host: a\r\n\r\n"));
  EXPECT_TRUE(kept_alive(get + "Host: a\r\nConnection: Upgrade\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(kept_alive(get + "Host: a\r\nConnection: x\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(kept_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(kept_alive("GET / HTTP/1.0\r\nConnection: x\r\n\r\n"));
  EXPECT_TRUE(kept_alive("GET / HTTP/1.0\r\nConnection: x\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(request_reader, a_header_has_a_bound_however_it_comes) {
  const limits bounds{.http_header_bytes_max = 1024};
  std::string many = get + "Host: a\r\n";
  while (many.size() < 4096)
    many += "X: y\r\n";
  const std::string one = get + "Host: a\r\nX: " + std::string(4096, 'x') + "\r\n\r\n";
  const std::string target = "GET /" + std::string(4096, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const auto& bytes : {many, one, target})
    for (const std::size_t portion : {SIZE_MAX, std::size_t{100}, std::size_t{1}}) {
      const auto got = read(bytes, portion, bounds);
      EXPECT_EQ(got.refused, 431u) << bytes.substr(0, 30) << " in portions of " << portion;
    }
}

TEST(request_reader, a_header_of_just_the_bound_is_taken_with_a_body_behind_it) {
  const limits bounds{.http_header_bytes_max = 1024};
  std::string header = post + "Content-Length: 2000\r\nX: ";
  header += std::string(1024 - header.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(header.size(), 1024u);
  const std::string body(2000, 'b');
  for (const std::size_t portion : {SIZE_MAX, std::size_t{100}, std::size_t{1}})
    EXPECT_EQ(read(header + body, portion, bounds).body, body) << "in portions of " << portion;
}

TEST(request_reader, a_body_has_a_bound_however_it_comes) {
  const limits bounds{.http_body_bytes_max = 128};
  const std::string chunk = "40\r\n" + std::string(64, 'x') + "\r\n";
  for (const auto& bytes :
       {post + "Content-Length: 129\r\n\r\n", post + "Content-Length: 18446744073709551615\r\n\r\n",
        post + "Content-Length: 20000\r\n\r\n" + std::string(20'000, 'x'),
        post + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk})
    for (const std::size_t portion : {SIZE_MAX, std::size_t{1}})
      EXPECT_EQ(read(bytes, portion, bounds).refused, 413u) << bytes.substr(20);
  EXPECT_EQ(read(post + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n",
                 SIZE_MAX, bounds)
              .body.size(),
            128u);
}

const std::string expecting = post + "Expect: 100-continue\r\n";

TEST(request_reader, who_waits_with_the_body_is_told_once_that_it_is_awaited) {
  for (const auto& header : {expecting + "Content-Length: 5\r\n\r\n",
                             post + "EXPECT: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    request_reader reader(limits{});
    std::string input = header.substr(0, 30);
    input.erase(0, reader.read(input));
    EXPECT_FALSE(reader.take_continue()) << "before its header has come";
    input += header.substr(30);
    EXPECT_EQ(reader.read(input), input.size());
    EXPECT_TRUE(reader.take_continue()) << header;
    EXPECT_FALSE(reader.take_continue());
    EXPECT_FALSE(reader.done());
  }
}

TEST(request_reader, who_does_not_wait_or_would_be_refused_is_not_told) {
  const limits bounds{.http_body_bytes_max = 128};
  const std::pair<std::string, unsigned> cases[] = {
    {expecting + "Content-Length: 129\r\n\r\n", 413},
    {expecting + "Content-Length: x\r\n\r\n", 400},
    {expecting + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {expecting + "Content-Length: 5\r\n\r\nh", 0},
    {expecting + "Content-Length: 5\r\n\r\nhello", 0},
    {expecting + "Content-Length: 0\r\n\r\n", 0},
    {expecting + "\r\n", 0},
    {"POST /x HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", 0},
    {post + "Expect: 200-ok\r\nContent-Length: 5\r\n\r\n", 417},
    {post + "Expect: 100-continue, x\r\nContent-Length: 5\r\n\r\n", 417},
  };
  for (const auto& [bytes, status] : cases) {
    request_reader reader(bounds);
    reader.read(bytes);
    EXPECT_FALSE(reader.take_continue()) << bytes;
    EXPECT_EQ(reader.refusal() ? reader.refusal()->status : 0u, status) << bytes;
  }
}

TEST(request_reader, empty_lines_have_a_bound_and_begin_no_request) {
  const limits bounds{.http_header_bytes_max = 1024};
  std::string lines;
  for (int i = 0; i < 1000; ++i)
    lines += "\r\n";
  for (const std::size_t portion : {SIZE_MAX, std::size_t{3}, std::size_t{1}})
    EXPECT_EQ(read(lines, portion, bounds).refused, 431u);
  request_reader reader(bounds);
  EXPECT_EQ(reader.read("\r\n\r\n\r"), 4u);
  EXPECT_FALSE(reader.begun());
  EXPECT_EQ(reader.read("\r\nG"), 2u);
  EXPECT_TRUE(reader.begun());
}

http_header normalized(const std::string& target, http::verb method = http::verb::get) {
  http_header header;
  header.method(method);
  header.target(target);
  header.set(http::field::host, "before");
  EXPECT_TRUE(normalize_target(header)) << target;
  return header;
}

TEST(request_target, a_url_becomes_its_path_and_its_host) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
    {"/ws?user=a", "/ws?user=a", "before"},
    {"//evil/x", "//evil/x", "before"},
    {"http://a/ws", "/ws", "a"},
    {"HTTP://a:8081/chat/x?token=y", "/chat/x?token=y", "a:8081"},
    {"https://a", "/", "a"},
    {"wss://[::1]:1?x", "/?x", "[::1]:1"},
    {"http://a//x", "//x", "a"},
  };
  for (const auto& [target, path, host] : cases) {
    const auto header = normalized(target);
    EXPECT_EQ(header.target(), path) << target;
    EXPECT_EQ(header[http::field::host], host) << target;
  }
  EXPECT_EQ(normalized("*", http::verb::options).target(), "*");
}

TEST(request_reader, what_has_not_ended_is_neither_done_nor_refused) {
  for (const auto& bytes : {std::string("G"), get, get + "Host: a\r\n", get + "Host: a\r\n\r",
                            post + "Content-Length: 5\r\n\r\nhell",
                            post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"}) {
    const auto got = read(bytes);
    EXPECT_FALSE(got.done) << bytes;
    EXPECT_EQ(got.refused, 0u) << bytes;
  }
}

TEST(request_rules, a_folded_line_is_found_only_in_the_header) {
  for (const auto* text : {"A: b\r\n c\r\n", "A: b\r\n\tc", "A: b\r\nC: d\r\n \r\n\r\n"})
    EXPECT_TRUE(has_folded_line(text)) << text;
  for (const auto* text : {"", "A: b", "A: b\r", "A: b\r\n", "A: b\r\nC: d\r\n\r\n", " A: b\r\n",
                           "A: b\r\n\r\n body", "\r\n body", "\r\n\r\n body", "A: b\r\n\r\n\r\n x"})
    EXPECT_FALSE(has_folded_line(text)) << text;
}

} // namespace
} // namespace troupe
