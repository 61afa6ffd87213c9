// Requests that wait, are sent, and come back from a lost connection.
#include "troupe_client/detail/endpoint.hpp"
#include "troupe_client/detail/request_table.hpp"

#include <gtest/gtest.h>

using namespace troupe_client;
using namespace troupe_client::detail;
using namespace std::chrono_literals;

namespace {

std::uint64_t
add(request_table& to, request_kind kind, const char* text,
    request_table::clock::time_point deadline = request_table::clock::time_point::max()) {
  pending_request one;
  one.id = to.next_id();
  one.kind = kind;
  one.text = text;
  one.deadline = deadline;
  one.sent = kind == request_kind::control; // these are sent when they are made
  to.add(std::move(one));
  return to.next_id() - 1;
}

std::string sent(request_table& from) {
  std::string out;
  while (const auto next = from.send_next())
    out += next->text;
  return out;
}

std::string texts(const std::vector<pending_request>& of) {
  std::string out;
  for (const auto& each : of)
    out += each.text;
  return out;
}

} // namespace

TEST(client_requests, leave_in_the_order_in_which_they_were_made) {
  request_table table;
  add(table, request_kind::ask, "a");
  add(table, request_kind::repeat, "b");
  EXPECT_EQ(table.waiting(), 2u);
  EXPECT_EQ(sent(table), "ab");
  EXPECT_EQ(table.waiting(), 0u);
  EXPECT_EQ(sent(table), "");
  add(table, request_kind::ask, "c");
  EXPECT_EQ(sent(table), "c");
  EXPECT_EQ(table.size(), 3u);
}

TEST(client_requests, an_answer_is_for_one) {
  request_table table;
  const auto first = add(table, request_kind::ask, "a");
  const auto second = add(table, request_kind::ask, "b");
  sent(table);
  EXPECT_EQ(table.take(second)->text, "b");
  EXPECT_FALSE(table.take(second));
  EXPECT_EQ(table.take(first)->text, "a");
  EXPECT_EQ(table.size(), 0u);
}

TEST(client_requests, a_lost_connection) {
  request_table table;
  add(table, request_kind::ask, "a");
  add(table, request_kind::repeat, "b");
  add(table, request_kind::repeat, "c");
  EXPECT_EQ(sent(table), "abc");
  add(table, request_kind::ask, "d");
  add(table, request_kind::signal, "s");
  add(table, request_kind::control, "x");
  EXPECT_EQ(texts(table.lost()), "asx") << "these are not sent again";
  EXPECT_EQ(table.waiting(), 3u);
  EXPECT_EQ(sent(table), "bcd") << "the old ones first";
}

TEST(client_requests, what_is_too_long_is_not_sent_again) {
  request_table table;
  add(table, request_kind::repeat, "bb");
  add(table, request_kind::repeat, "dddd");
  add(table, request_kind::ask, "ccc");
  add(table, request_kind::control, "xxxxxx");
  EXPECT_FALSE(table.take_too_long()) << "nothing was sent";
  EXPECT_EQ(sent(table), "bbddddccc");
  add(table, request_kind::repeat, "eeeee");
  EXPECT_EQ(table.take_too_long()->text, "dddd") << "the last one was not sent";
  table.lost();
  EXPECT_EQ(sent(table), "bbeeeee");
  add(table, request_kind::signal, "ssssss");
  sent(table);
  EXPECT_FALSE(table.take_too_long()) << "it was for the signal";
  table.lost();
  EXPECT_EQ(sent(table), "bbeeeee");
  EXPECT_EQ(table.take_too_long()->text, "eeeee");
}

TEST(client_requests, a_signal_is_gone_when_it_is_sent) {
  request_table table;
  add(table, request_kind::signal, "s");
  EXPECT_EQ(table.waiting(), 1u);
  EXPECT_EQ(sent(table), "s");
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.waiting(), 0u);
}

TEST(client_requests, a_time_for_each) {
  const request_table::clock::time_point now{1h};
  request_table table;
  EXPECT_FALSE(table.earliest());
  add(table, request_kind::control, "x");
  EXPECT_FALSE(table.earliest());
  add(table, request_kind::ask, "a", now + 2s);
  add(table, request_kind::ask, "b", now + 1s);
  EXPECT_EQ(table.earliest(), now + 1s);
  EXPECT_EQ(texts(table.expired(now + 1s)), "b");
  EXPECT_EQ(table.waiting(), 1u);
  EXPECT_EQ(sent(table), "a") << "what has ended is never sent";
  EXPECT_EQ(texts(table.clear()), "xa");
}

TEST(client_endpoint, urls) {
  const auto plain = parse_endpoint("ws://host");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->authority(), "host");
  EXPECT_EQ(target(*plain).text(), "/ws");
  const auto full = parse_endpoint("wss://[::1]:8081/chat/lobby?user=Ann#x");
  ASSERT_TRUE(full);
  EXPECT_TRUE(full->tls);
  EXPECT_EQ(full->host, "::1");
  EXPECT_EQ(full->authority(), "[::1]:8081");
  EXPECT_EQ(full->room(), "lobby");
  EXPECT_EQ(target(*full).with("epoch", "e-1").with("offset", "").with("name", "a b").text(),
            "/chat/lobby?user=Ann&epoch=e-1&name=a%20b");
  EXPECT_EQ(parse_endpoint("wss://h")->port, "443");
  EXPECT_EQ(parse_endpoint("ws://h:65535")->port_number(), 65535);
  for (const auto* none : {"ws://h:0", "ws://h:65536", "ws://[::1]:99999999999999999999/ws"})
    EXPECT_EQ(parse_endpoint(none)->port_number(), 0) << none;
  EXPECT_EQ(parse_endpoint("ws://h/room/poll/lunch")->room(), "poll/lunch");
  EXPECT_EQ(parse_endpoint("ws://h/room/chat/x")->room(), "x");
  EXPECT_EQ(parse_endpoint("ws://h/ws")->room(), "");
  for (const auto* odd :
       {"", "h", "http://h", "ws://", "ws://h:", "ws://h:x", "ws://u@h", "ws://[::1", "ws://[::1]x",
        "ws://h/a b", "ws://h/\r\n", "ws://h\r\nX: y", "ws://h x"})
    EXPECT_FALSE(parse_endpoint(odd)) << odd;
}
