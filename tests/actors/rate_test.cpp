// How often a client may say something, in virtual time.
#include "heard.hpp"
#include "troupe/runtime/gcra.hpp"

#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

const std::string ping = R"({"type":"ping","id":1})";

stage::options with(const limits& bounds) {
  stage::options how;
  how.bounds = bounds;
  how.heartbeat = 1h;
  return how;
}

// One message in 100 ms, three at once.
const limits ten_a_second{.messages_per_minute = 600, .messages_burst = 3, .rate_refusals_max = 4};

list say(stage& all, client& who, const std::string& what, int times) {
  for (int i = 0; i < times; ++i)
    who->say(what);
  all.run();
  return types(heard(who));
}

TEST(rate, a_burst_gets_through_and_the_next_is_told_when) {
  stage all(with(ten_a_second));
  auto ann = all.connect();
  all.run();
  heard(ann);
  EXPECT_EQ(say(all, ann, ping, 3), (list{"pong", "pong", "pong"}));
  ann->say(ping);
  all.run();
  const auto told = heard(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at("code"), "rate_limited");
  EXPECT_EQ(told[0].at("message"), "Rate limit exceeded");
  EXPECT_EQ(told[0].at("retry_after_ms"), 100);
  EXPECT_EQ(told[0].at("id"), 1);
  all.pass(100ms);
  EXPECT_EQ(say(all, ann, ping, 2), (list{"pong", "error"}));
}

TEST(rate, what_is_refused_is_not_carried_out) {
  stage all(with(ten_a_second));
  auto ann = all.connect({.room = "r"});
  auto ben = all.connect({.room = "r"});
  all.run();
  heard(ann), heard(ben);
  say(all, ann, R"({"type":"message","message":"x"})", 5);
  EXPECT_EQ(types(heard(ben)), (list{"message", "message", "message"}));
}

TEST(rate, who_waits_as_told_is_never_closed) {
  stage all(with(ten_a_second));
  auto ann = all.connect();
  all.run();
  heard(ann);
  for (int i = 0; i < 50; ++i) {
    ann->say(ping);
    all.run();
    const auto told = heard(ann);
    ASSERT_EQ(told.size(), 1u);
    if (told[0].at("type") == "error")
      all.pass(std::chrono::milliseconds(told[0].at("retry_after_ms").get<int>()));
  }
  EXPECT_FALSE(ann->gone());
}

TEST(rate, who_keeps_it_up_is_closed) {
  stage all(with(ten_a_second));
  auto ann = all.connect();
  all.run();
  ann->read();
  for (int i = 0; i < 10; ++i)
    ann->say(ping);
  all.run();
  const auto frames = ann->read();
  EXPECT_EQ(frames.back(), "<close 4429>");
  ASSERT_EQ(frames.size(), 3u + 4 + 2);
  const auto last = nlohmann::json::parse(frames[7]);
  EXPECT_EQ(last.at("type"), "disconnect");
  EXPECT_EQ(last.at("reconnect"), true);
  EXPECT_GT(last.at("after_ms"), 0);
}

TEST(rate, a_message_that_gets_through_makes_up_for_a_refused_one) {
  stage all(with(ten_a_second));
  auto ann = all.connect();
  all.run();
  heard(ann);
  say(all, ann, ping, 3);
  for (int i = 0; i < 20; ++i) { // twice the rate, for ever
    all.pass(100ms);
    ASSERT_EQ(say(all, ann, ping, 2), (list{"pong", "error"}));
  }
  bool closed = false;
  for (int i = 0; i < 20 && !closed; ++i) { // three times the rate
    all.pass(100ms);
    for (int n = 0; n < 3; ++n)
      ann->say(ping);
    all.run();
    for (const auto& frame : ann->read())
      closed |= frame == "<close 4429>";
  }
  EXPECT_TRUE(closed);
}

TEST(rate, bad_frames_count) {
  stage all(with(ten_a_second));
  auto ann = all.connect();
  all.run();
  heard(ann);
  EXPECT_EQ(say(all, ann, "bad", 3), (list{"error", "error", "error"}));
  ann->say("bad");
  all.run();
  EXPECT_EQ(heard(ann).at(0).at("code"), "rate_limited");
}

const std::string pong = R"({"type":"pong"})";

TEST(rate, a_pong_for_each_ping_is_free) {
  auto how = with({.messages_per_minute = 1, .messages_burst = 1, .rate_refusals_max = 1});
  how.heartbeat = 1s;
  stage all(how);
  auto ann = all.connect();
  all.run();
  ann->read();
  for (int beat = 0; beat < 100; ++beat) {
    all.pass(1s);
    for (const auto& frame : ann->read()) {
      if (frame == "<ping>")
        ann->pong();
      else
        say(all, ann, pong, 1);
    }
  }
  EXPECT_FALSE(ann->leaving());
  EXPECT_EQ(say(all, ann, ping, 1), list{"pong"}) << "they have cost something";
}

TEST(rate, pongs_that_nobody_asked_for_are_charged_whatever_they_are) {
  for (const bool frames : {true, false}) {
    stage all(with(ten_a_second));
    auto ann = all.connect();
    all.run();
    heard(ann);
    for (int i = 0; i < 3; ++i)
      frames ? ann->say(pong) : ann->pong();
    all.run();
    EXPECT_EQ(ann->read(), list{});
    EXPECT_EQ(say(all, ann, ping, 1), list{"error"}) << "the burst is used up";
    for (int i = 0; i < 4 && !ann->leaving(); ++i)
      frames ? ann->say(pong) : ann->pong();
    all.run();
    const auto last = ann->read();
    ASSERT_FALSE(last.empty());
    EXPECT_EQ(last.back(), "<close 4429>") << "frames: " << frames;
  }
}

// Most clients answer one of the two pings of a beat.
TEST(rate, pongs_that_were_not_sent_are_not_saved_for_a_flood) {
  auto how = with({.messages_per_minute = 1, .messages_burst = 1, .rate_refusals_max = 10});
  how.heartbeat = 1s;
  stage all(how);
  auto ann = all.connect();
  all.run();
  for (int beat = 0; beat < 1000; ++beat) {
    all.pass(1s);
    ann->pong();
  }
  for (int i = 0; i < 20 && !ann->leaving(); ++i)
    ann->pong();
  EXPECT_TRUE(ann->leaving());
}

TEST(rate, zero_is_no_limit) {
  stage all(with({.messages_per_minute = 0, .messages_burst = 1}));
  auto ann = all.connect();
  all.run();
  heard(ann);
  EXPECT_EQ(say(all, ann, ping, 5000), list(5000, "pong"));
}

TEST(rate, connections_of_a_user_share_a_budget) {
  stage all(
    with({.messages_per_minute = 0, .user_messages_per_minute = 60, .user_messages_burst = 3}));
  const auto budget = std::make_shared<shared_gcra>();
  auto tab = all.connect({.admission = {budget, budget.get()}});
  auto phone = all.connect({.admission = {budget, budget.get()}});
  auto other = all.connect();
  all.run();
  heard(tab), heard(phone), heard(other);
  EXPECT_EQ(say(all, tab, ping, 2), (list{"pong", "pong"}));
  EXPECT_EQ(say(all, phone, ping, 2), (list{"pong", "error"}));
  EXPECT_EQ(say(all, tab, ping, 1), (list{"error"}));
  EXPECT_EQ(say(all, other, ping, 5), list(5, "pong"));
  all.pass(1s);
  EXPECT_EQ(say(all, tab, ping, 1), (list{"pong"}));
}

TEST(rate, an_admission_ends_when_the_connection_ends) {
  stage all(with({}));
  const auto admission = std::make_shared<int>(1);
  auto ann = all.connect({.admission = {admission}});
  all.run();
  EXPECT_EQ(admission.use_count(), 2);
  ann->vanish();
  all.run();
  ann.reset();
  all.run();
  EXPECT_EQ(admission.use_count(), 1);
}

// -- what a room or topic takes from all its clients (`messages_per_minute` of a namespace) ----------

void slow_down(stage& server, std::uint32_t messages_per_minute) {
  server.change([&](live_settings& next) {
    auto rule = open_to_all();
    rule.messages_per_minute = messages_per_minute;
    next.access = access_rules({rule});
  });
}

std::vector<nlohmann::json> answers(stage& server, client& who, const std::string& frame) {
  heard(who);
  who->say(frame);
  server.run();
  auto out = heard(who);
  std::erase_if(out, [](const auto& each) { return !each.contains("id"); });
  return out;
}

TEST(slow_mode, bounds_what_a_room_and_a_topic_take_from_all_their_clients) {
  for (const std::string where : {"room", "topic"}) {
    stage server({.loops = 2, .rooms_on_loops = true});
    slow_down(server, 20); // two at once, one each three seconds
    const std::string frame = where == "room"
                                ? R"({"type":"message","room":"r","message":1,"id":1})"
                                : R"({"type":"publish","topic":"r","data":1,"id":1})";
    const std::string good = where == "room" ? "sent" : "published";
    std::vector<client> all;
    for (int i = 0; i < 3; ++i) {
      connection::opening asked;
      asked.room = "r";
      all.push_back(server.connect(std::move(asked)));
    }
    server.run();
    EXPECT_EQ(types(answers(server, all[0], frame)), list{good});
    EXPECT_EQ(types(answers(server, all[1], frame)), list{good});
    const auto refused = answers(server, all[2], frame);
    ASSERT_EQ(types(refused), list{"error"});
    EXPECT_EQ(refused[0].at("code"), "rate_limited");
    EXPECT_EQ(refused[0].at("retry_after_ms"), 3000);
    EXPECT_EQ(refused[0].at(where), "r");
    server.pass(std::chrono::seconds(3));
    EXPECT_EQ(types(answers(server, all[2], frame)), list{good});
    EXPECT_EQ(types(answers(server, all[2], frame)), list{"error"});
    slow_down(server, 0);
    EXPECT_EQ(types(answers(server, all[2], frame)), list{good}) << "settings may change";
  }
}

TEST(slow_mode, does_not_charge_a_message_that_is_said_again) {
  stage server;
  slow_down(server, 1);
  auto who = server.connect();
  server.run();
  const std::string frame = R"({"type":"publish","topic":"t","data":1,"msg_id":"m","id":1})";
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(types(answers(server, who, frame)), list{"published"});
}

} // namespace
} // namespace troupe::test
