// The parts that need an executor, and no network: tokens, alarms, and what the user is given.
#include "troupe_client/client.hpp"
#include "troupe_client/detail/alarm.hpp"
#include "troupe_client/detail/header_text.hpp"
#include "troupe_client/detail/token_desk.hpp"
#include "troupe_client/feed.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <thread>

namespace asio = boost::asio;
using namespace troupe_client;
using namespace troupe_client::detail;
using namespace std::chrono_literals;

namespace {

struct desk_stage {
  asio::io_context io;
  std::vector<std::string> asked;
  std::optional<token_answer> answer;
  std::vector<std::string> got;
  std::string stopped;
  std::shared_ptr<token_desk> desk =
    std::make_shared<token_desk>(token_provider([this](std::string_view reason, token_answer to) {
                                   asked.emplace_back(reason);
                                   answer = std::move(to);
                                 }),
                                 io.get_executor());

  token_desk::taker taking() {
    return [this](const token_reply& reply) { got.push_back(reply.token + reply.error); };
  }
  void reply(const token_reply& with) {
    (*answer)(with);
    answer.reset();
    run();
  }
  void run() {
    io.restart();
    io.run();
  }
};

} // namespace

TEST(client_tokens, asked_once_and_kept) {
  desk_stage on;
  on.desk->want(on.taking());
  on.desk->want(on.taking()); // the next attempt: still one call
  EXPECT_EQ(on.asked, std::vector<std::string>{"connect"});
  on.reply(token_reply::of("t1"));
  EXPECT_EQ(on.got, std::vector<std::string>{"t1"});
  on.desk->want(on.taking());
  EXPECT_EQ(on.asked.size(), 1u) << "it is good for the next connection";
  on.desk->spoil("expired");
  on.desk->want(on.taking());
  EXPECT_EQ(on.asked.back(), "expired");
}

TEST(client_tokens, a_call_that_outlives_its_connection_serves_the_next) {
  desk_stage on;
  on.desk->renew("refresh", on.taking());
  on.desk->forget();
  on.desk->want(on.taking());
  EXPECT_EQ(on.asked, std::vector<std::string>{"refresh"});
  on.reply(token_reply::of("t1"));
  EXPECT_EQ(on.got, std::vector<std::string>{"t1"});
}

TEST(client_tokens, errors_and_the_end) {
  desk_stage on;
  on.desk->on_stop([&on](const std::string& why) { on.stopped = why; });
  on.desk->spoil("expired");
  on.desk->want(on.taking());
  on.reply(token_reply::failed("away"));
  EXPECT_EQ(on.got.back(), "away");
  on.desk->want(on.taking());
  EXPECT_EQ(on.asked.back(), "expired") << "that is still why";
  on.answer.reset(); // without an answer
  on.run();
  EXPECT_EQ(on.got.back(), "the provider gave no answer");
  on.desk->want(on.taking());
  on.reply(token_reply::ended("signed out"));
  EXPECT_EQ(on.stopped, "signed out");
}

TEST(client_tokens, a_provider_that_throws_has_failed) {
  asio::io_context io;
  const auto desk =
    std::make_shared<token_desk>(token_provider([](std::string_view, const token_answer&) {
                                   throw std::runtime_error("thrown");
                                 }),
                                 io.get_executor());
  std::string got;
  desk->want([&got](const token_reply& reply) { got = reply.error; });
  io.run();
  EXPECT_EQ(got, "thrown");
}

TEST(client_tokens, a_line_break_begins_no_other_header) {
  for (const auto* odd : {"a\r\nX: y", "a b", "a\n", "\xc3\xb6", "\x7f"}) {
    EXPECT_FALSE(fits_header(odd)) << odd;
    EXPECT_FALSE(fits_subprotocol(odd)) << odd;
    desk_stage on;
    on.desk->want(on.taking());
    on.reply(token_reply::of(odd));
    EXPECT_NE(on.got.back().find("no token has"), std::string::npos) << on.got.back();
    asio::io_context io;
    client one(io.get_executor(), "ws://127.0.0.1:1", {.token = odd});
    io.run();
    EXPECT_EQ(one.now().is, phase::closed);
    EXPECT_NE(one.now().reason.find("no token has"), std::string::npos) << one.now().reason;
  }
  EXPECT_TRUE(fits_header("eyJ0.eyJ1-_~+/=.x"));
  EXPECT_TRUE(fits_subprotocol("0a.1b-c_d~e"));
  EXPECT_FALSE(fits_subprotocol("a,b"));
  EXPECT_FALSE(fits_subprotocol(std::string(257, 'a')));
}

TEST(client_alarm, counts_itself_and_ends_with_its_owner) {
  asio::io_context io;
  const auto pending = std::make_shared<std::size_t>(0);
  int rung = 0;
  {
    detail::alarm gone(io.get_executor(), pending);
    gone.set(
      1h, [&rung] { ++rung; }, nullptr);
    EXPECT_EQ(*pending, 1u);
  }
  EXPECT_EQ(*pending, 0u);
  detail::alarm one(io.get_executor(), pending);
  one.set(
    1h, [&rung] { rung += 100; }, nullptr);
  one.set(
    0ms, [&rung] { ++rung; }, nullptr); // in its place
  EXPECT_EQ(*pending, 1u);
  io.run();
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(*pending, 0u);
}

TEST(client_alarm, what_comes_late_lets_others_go_first) {
  asio::io_context io;
  const auto pending = std::make_shared<std::size_t>(0);
  std::string order;
  detail::alarm one(io.get_executor(), pending);
  one.set(
    -1s, [&order] { order += "judged"; }, nullptr); // as after a sleep of the machine
  asio::post(io, [&] { asio::post(io, [&] { order += "read "; }); });
  io.run();
  EXPECT_EQ(order, "read judged");
}

TEST(client_content, goes_out_as_it_was_written) {
  EXPECT_EQ(content("text").take(), R"("text")");
  EXPECT_EQ(content(json{{"a", 1}}).take(), R"({"a":1})");
  EXPECT_EQ(content(nullptr).take(), "null");
  EXPECT_EQ(content(raw_json{"12345678901234567890123"}).take(), "12345678901234567890123");
}

TEST(client_content, is_written_as_json_takes_it) {
  EXPECT_EQ(content({{"n", 1}, {"m", {1, 2}}}).take(), R"({"m":[1,2],"n":1})");
}

TEST(client_result, failures_are_values) {
  result<position> failed(failure(errc::rate_limited, "Slow down"));
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error().name, "rate_limited");
  EXPECT_EQ(make_error_code(errc::offline).category().name(), std::string("troupe"));
  EXPECT_EQ(errc_of("no_such"), errc::other);
  EXPECT_EQ(errc_of("not_in_room"), errc::not_in_room);
  try {
    failed.value();
    FAIL();
  } catch (const std::system_error& thrown) {
    EXPECT_EQ(thrown.code(), errc::rate_limited);
  }
}

TEST(client_end, completes_everything_without_a_server) {
  asio::io_context io;
  client one(io.get_executor(), "ws://127.0.0.1:1", {.base = 1h, .max = 1h});
  auto heard = one.room("r").listen({});
  std::vector<std::string> codes;
  heard.confirmed([&](const result<position>& at) { codes.push_back("heard " + at.error().name); });
  one.room("r").say(
    "hi", [&](const result<position>& at) { codes.push_back("said " + at.error().name); });
  one.room("r").signal(
    1, [&](const result<void>& at) { codes.push_back("signal " + at.error().name); });
  one.close([&](const result<void>&) { codes.push_back("closed"); });
  io.run();
  EXPECT_EQ(codes,
            (std::vector<std::string>{"signal offline", "said closed", "heard closed", "closed"}));
  EXPECT_EQ(one.timers(), 0u);
  EXPECT_EQ(one.now().is, phase::closed);
}

TEST(client_end, a_bad_url_and_a_client_that_is_gone) {
  asio::io_context io;
  std::optional<client> one(std::in_place, io.get_executor(), "nowhere");
  const auto room = one->room("r");
  feed from(room);
  io.run();
  EXPECT_EQ(one->now().is, phase::closed);
  EXPECT_NE(one->now().reason.find("ws://"), std::string::npos);
  one.reset();
  io.restart();
  io.run();
  std::future<result<position>> said = room.say("hi", asio::use_future);
  EXPECT_EQ(said.get().error().name, "closed");
  EXPECT_EQ(from.next(asio::use_future).get().error().name, "closed");
}

TEST(client_end, a_coroutine_may_take_a_request_back) {
  asio::io_context io;
  client one(io.get_executor(), "ws://127.0.0.1:1", {.base = 1h, .max = 1h});
  asio::cancellation_signal cancel;
  std::string code;
  one.room("r").say("hi",
                    asio::bind_cancellation_slot(cancel.slot(), [&](const result<position>& at) {
                      code = at.error().name;
                      one.close(asio::detached);
                    }));
  asio::post(io, [&] { asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); }); });
  io.run();
  EXPECT_EQ(code, "aborted");
}

TEST(client_end, awaitables) {
  asio::io_context io;
  client one(io.get_executor(), "ws://127.0.0.1:1",
             {.offline = when_offline::reject, .base = 1h, .max = 1h});
  std::string code;
  asio::co_spawn(
    io,
    [&]() -> asio::awaitable<void> {
      const auto said = co_await one.topic("t").publish(json(7), asio::use_awaitable);
      code = said.error().name;
      co_await one.close(asio::use_awaitable);
    },
    asio::detached);
  io.run();
  EXPECT_EQ(code, "offline");
}
