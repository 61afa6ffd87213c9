#include "server/net/credentials.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

namespace http = boost::beast::http;

http_request with_authorization(const char* value) {
  http_request request{http::verb::get, "/ws", 11};
  request.set(http::field::authorization, value);
  return request;
}

TEST(credentials, the_scheme_may_be_written_in_any_case) {
  for (const auto* value : {"Bearer abc.d", "bearer abc.d", "BEARER abc.d", "bEaReR   abc.d"})
    EXPECT_EQ(bearer_of(with_authorization(value)), "abc.d") << value;
}

TEST(credentials, another_scheme_or_none_is_nothing) {
  for (const auto* value :
       {"", "Bearer", "Bearer ", "Bearer  ", "Basic abc", "abc", "Bearerabc", "Bearer\tabc"})
    EXPECT_EQ(bearer_of(with_authorization(value)), "") << value;
  EXPECT_EQ(bearer_of(http_request{}), "");
}

TEST(credentials, a_token_may_stand_in_any_line_of_the_subprotocols) {
  http_request request{http::verb::get, "/ws", 11};
  request.insert(http::field::sec_websocket_protocol, "troupe.v1");
  request.insert(http::field::sec_websocket_protocol, "other, bearer.abc");
  EXPECT_EQ(token_of(request, {}).value_or("broken"), "abc");
}

TEST(credentials, the_header_comes_before_the_query_and_that_before_the_subprotocols) {
  auto request = with_authorization("bearer one");
  request.set(http::field::sec_websocket_protocol, "bearer.three");
  EXPECT_EQ(token_of(request, "token=two").value_or("broken"), "one");
  request.erase(http::field::authorization);
  EXPECT_EQ(token_of(request, "token=two").value_or("broken"), "two");
  EXPECT_EQ(token_of(request, "user=two").value_or("broken"), "three");
}

TEST(credentials, a_session_comes_in_the_query_or_among_the_subprotocols) {
  http_request request{http::verb::get, "/ws", 11};
  EXPECT_EQ(session_of(request, "user=x").value_or("broken"), "");
  request.insert(http::field::sec_websocket_protocol, "troupe.v1, session.abc");
  EXPECT_EQ(session_of(request, "user=x").value_or("broken"), "abc");
  EXPECT_EQ(session_of(request, "session=de").value_or("broken"), "de");
  EXPECT_FALSE(session_of(request, "session=%4"));
}

} // namespace
} // namespace troupe
