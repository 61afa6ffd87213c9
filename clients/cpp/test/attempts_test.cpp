// When a client tries again, and when it gives up.
#include "troupe_client/detail/backoff.hpp"
#include "troupe_client/detail/refusal.hpp"
#include "troupe_client/detail/verdict.hpp"
#include "troupe_client/detail/watchdog.hpp"

#include <gtest/gtest.h>

using namespace troupe_client::detail;
using namespace std::chrono_literals;

TEST(client_backoff, doubles_up_to_its_end_and_draws_below_that) {
  backoff delays(1s, 30s);
  for (const auto most : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
    auto half = delays;
    EXPECT_EQ(half.next(0.5), std::chrono::milliseconds(most) / 2);
    auto least = delays;
    EXPECT_EQ(least.next(0.0), 100ms) << "nobody hammers";
    EXPECT_LT(delays.next(0.999999), most + 1ms);
  }
  for (int i = 0; i < 100; ++i) // a counter that overflows would begin anew
    EXPECT_GE(delays.next(0.9999), 29s);
  delays.reset();
  EXPECT_LE(delays.next(0.9999), 1s);
}

TEST(client_backoff, small_bounds_of_a_test) {
  backoff delays(8ms, 32ms);
  EXPECT_EQ(delays.next(0.0), 1ms);
  backoff odd(5s, 1s); // the base is the least
  EXPECT_LE(odd.next(0.9999), 5s);
}

TEST(client_verdict, tries_again_but_after_two_codes) {
  judge with_text(false);
  for (const auto code :
       {0, 1000, 1001, 1002, 1003, 1007, 1009, 1011, 1013, 4401, 4408, 4409, 4429, 4999})
    EXPECT_TRUE(with_text.about({.code = code, .opened = true}).again) << code;
  EXPECT_FALSE(with_text.about({.code = 4403, .reason = "Kicked", .opened = true}).again);
  EXPECT_FALSE(with_text.about({.code = 1008, .reason = "Policy violation", .opened = true}).again);
  EXPECT_FALSE(with_text.about({.code = 1008, .reason = "Invalid token"}).again)
    << "no provider to ask";
}

TEST(client_verdict, a_provider_is_asked_once_more) {
  for (const auto* reason : {"Invalid token", "Token required"}) {
    judge of(true);
    EXPECT_EQ(of.about({.code = 1008, .reason = reason}).ask_token, "invalid");
    EXPECT_FALSE(of.about({.code = 1008, .reason = reason}).again);
    judge other(true);
    EXPECT_TRUE(other.about({.code = 1008, .reason = reason}).again);
    EXPECT_TRUE(other.about({.code = 1001, .opened = true}).again); // that token was good
    EXPECT_TRUE(other.about({.code = 1008, .reason = reason}).again);
  }
  judge of(true);
  EXPECT_FALSE(of.about({.code = 1008, .reason = "Origin not allowed"}).again);
  EXPECT_EQ(of.about({.code = 4401}).ask_token, "expired");
}

TEST(client_verdict, two_handshakes_without_a_frame_ask_for_a_token) {
  judge of(true);
  EXPECT_EQ(of.about({}).ask_token, "");
  EXPECT_EQ(of.about({}).ask_token, "connect");
  EXPECT_EQ(of.about({}).ask_token, "");
  EXPECT_EQ(of.about({.opened = true}).ask_token, ""); // not in a row
  EXPECT_EQ(of.about({}).ask_token, "");
  EXPECT_EQ(of.about({.code = 1013}).ask_token, ""); // a close frame is a frame
  EXPECT_EQ(of.about({}).ask_token, "");
  EXPECT_EQ(of.about({}).ask_token, "connect");
}

TEST(client_watchdog, asks_and_then_gives_up) {
  watchdog dog;
  watchdog::clock::time_point now{1h};
  dog.start(now, 35s, 10s);
  EXPECT_EQ(dog.look(now + 30s).what, watchdog::advice::wait);
  EXPECT_EQ(dog.look(now + 30s).again, 5s);
  dog.heard(now + 20s);
  EXPECT_EQ(dog.look(now + 35s).what, watchdog::advice::wait);
  EXPECT_EQ(dog.look(now + 55s).what, watchdog::advice::ping);
  EXPECT_EQ(dog.look(now + 64s).what, watchdog::advice::wait);
  EXPECT_EQ(dog.look(now + 65s).what, watchdog::advice::dead);
}

TEST(client_watchdog, an_answer_is_life) {
  watchdog dog;
  watchdog::clock::time_point now{1h};
  dog.start(now, 35s, 10s);
  EXPECT_EQ(dog.look(now + 35s).what, watchdog::advice::ping);
  dog.heard(now + 44s);
  EXPECT_EQ(dog.look(now + 45s).what, watchdog::advice::wait);
  EXPECT_EQ(dog.look(now + 79s).what, watchdog::advice::ping);
}

TEST(client_refusal, retry_after_and_the_reason) {
  EXPECT_EQ(retry_after_of("3"), 3s);
  EXPECT_EQ(retry_after_of("0"), 0s);
  EXPECT_EQ(retry_after_of("99999999999999"), 1h);
  EXPECT_EQ(retry_after_of("86400"), 1h);
  for (const auto* odd : {"", "-1", "soon", "3 s", "Wed, 21 Oct 2026 07:28:00 GMT"})
    EXPECT_FALSE(retry_after_of(odd)) << odd;
  EXPECT_EQ(refusal_text(401, R"({"error":{"code":"c","message":"Token required"}})"),
            "status 401: Token required");
  for (const auto* odd : {"", "<html>", "[]", "{}", R"({"error":1})", R"({"error":{"message":1}})"})
    EXPECT_EQ(refusal_text(502, odd), "status 502") << odd;
}
