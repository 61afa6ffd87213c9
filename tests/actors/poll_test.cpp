// The poll room, as its members see it.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using namespace std::string_literals;

const json lunch{{"ask", "Lunch?"}, {"options", {"pizza", "soup"}}, {"seconds", 10}};

void say_raw(client& who, const std::string& message) {
  who->say(R"({"type":"message","message":)" + message + "}");
}

void say(client& who, const json& message) {
  say_raw(who, message.dump());
}

class poll : public testing::Test {
protected:
  client member() {
    auto who = server.connect({.room = "poll/lunch"});
    server.run();
    for (auto& each : members_)
      each->read();
    who->read();
    members_.push_back(who);
    return who;
  }
  // Says it and returns what that member is told.
  std::vector<json> told(client& who, const json& message) {
    say(who, message);
    server.run();
    return heard(who);
  }
  void TearDown() override { EXPECT_EQ(server.reports, list{}) << "the room has failed"; }

  stage server;

private:
  std::vector<client> members_;
};

TEST_F(poll, everybody_is_told_the_question_the_count_and_the_result) {
  auto ann = member();
  auto bob = member();
  say(ann, lunch);
  say(ann, {{"vote", "pizza"}});
  say(bob, {{"vote", "soup"}});
  server.run();
  for (auto* who : {&ann, &bob}) {
    const auto frames = heard(*who);
    ASSERT_EQ(types(frames), (list{"poll_opened", "poll_votes", "poll_votes"}));
    EXPECT_EQ(frames[0].at("room"), "poll/lunch");
    EXPECT_EQ(frames[0].at("question"), "Lunch?");
    EXPECT_EQ(frames[0].at("options"), lunch.at("options"));
    EXPECT_EQ(frames[0].at("seconds"), 10);
    EXPECT_EQ(frames[1].at("votes"), 1);
    EXPECT_EQ(frames[2].at("votes"), 2);
    EXPECT_EQ(frames[2].at("members"), 2);
    for (std::size_t i = 0; i < frames.size(); ++i)
      EXPECT_EQ(frames[i].at("offset"), i + 1);
  }
  server.pass(9900ms);
  EXPECT_TRUE(heard(ann).empty()) << "not before its time";
  server.pass(200ms);
  for (auto* who : {&ann, &bob}) {
    const auto frames = heard(*who);
    ASSERT_EQ(types(frames), (list{"poll_result"}));
    EXPECT_EQ(frames[0].at("question"), "Lunch?");
    EXPECT_EQ(frames[0].at("votes"), 2);
    EXPECT_EQ(frames[0].at("result"),
              json::parse(R"([{"option":"pizza","votes":1},{"option":"soup","votes":1}])"));
  }
}

TEST_F(poll, nobody_is_told_who_voted_for_what) {
  auto ann = member();
  auto bob = member();
  say(ann, lunch);
  server.run();
  heard(bob);
  say(ann, {{"vote", "pizza"}});
  server.run();
  EXPECT_EQ(heard(bob).at(0).dump().find("pizza"), std::string::npos);
}

TEST_F(poll, a_later_vote_replaces_an_earlier_one) {
  auto ann = member();
  say(ann, lunch);
  for (const auto* choice : {"pizza", "soup", "soup"})
    say(ann, {{"vote", choice}});
  server.run();
  EXPECT_EQ(heard(ann).back().at("votes"), 1);
  server.pass(10'100ms);
  EXPECT_EQ(heard(ann).at(0).at("result"),
            json::parse(R"([{"option":"pizza","votes":0},{"option":"soup","votes":1}])"));
}

TEST_F(poll, who_joins_late_is_told_the_question) {
  auto ann = member();
  say(ann, lunch);
  server.run();
  auto late = server.connect({.room = "poll/lunch"});
  auto later = server.connect();
  later->say(R"({"type":"join","room":"poll/lunch"})");
  server.run();
  for (auto* who : {&late, &later}) {
    const auto frames = heard(*who);
    const auto opened = std::find_if(frames.begin(), frames.end(),
                                     [](const json& f) { return f.at("type") == "poll_opened"; });
    ASSERT_NE(opened, frames.end());
    EXPECT_EQ((*opened).at("question"), "Lunch?");
    EXPECT_FALSE(opened->contains("offset")) << "it is for one member only";
    EXPECT_NE(frames.front().at("type"), "poll_opened") << "not before it is in";
  }
  EXPECT_EQ(types(told(late, {{"vote", "soup"}})), (list{"poll_votes"}));
}

TEST_F(poll, who_joins_late_is_told_how_much_time_is_left) {
  auto ann = member();
  say(ann, lunch);
  server.pass(3500ms);
  auto late = server.connect({.room = "poll/lunch"});
  server.run();
  EXPECT_EQ(heard(late).back().at("seconds"), 7)
    << "of ten: six and a half, and a poll of 0 is over";
}

// Also who becomes a user while it is in.
TEST_F(poll, a_vote_for_each_user_even_where_it_has_brought_its_token_later) {
  server.settings.verify = [](std::string_view token) -> token_verdict {
    return std::make_shared<const identity>(
      identity{std::string(token), std::string(token), {}, {}, {}, {}});
  };
  auto ann = member();
  told(ann, lunch);
  told(ann, {{"vote", "pizza"}});
  std::vector<client> more;
  for (int i = 0; i < 3; ++i) {
    more.push_back(member());
    told(more.back(), {{"vote", "soup"}});
    more.back()->say(R"({"type":"refresh","token":"ann"})");
  }
  ann->say(R"({"type":"refresh","token":"ann"})");
  server.run();
  ann->read();
  server.pass(11s);
  const auto frames = heard(ann);
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.back().at("type"), "poll_result");
  EXPECT_EQ(frames.back().at("votes"), 1) << frames.back();
}

// Who has a token is one voter, on however many connections.
TEST_F(poll, a_user_has_one_vote) {
  const auto user = [](const char* id) {
    identity made;
    made.user_id = made.username = id;
    return std::make_shared<const identity>(std::move(made));
  };
  auto ann = member();
  auto tab = server.connect({.room = "poll/lunch", .who = user("bob")});
  auto phone = server.connect({.room = "poll/lunch", .who = user("bob")});
  auto other = server.connect({.room = "poll/lunch", .who = user("eve")});
  server.run();
  heard(ann);
  told(ann, lunch);
  for (auto* who : {&tab, &phone, &other})
    heard(*who);
  EXPECT_EQ(told(tab, {{"vote", "pizza"}}).at(0).at("votes"), 1);
  const auto counted = told(phone, {{"vote", "soup"}}).back();
  EXPECT_EQ(counted.at("votes"), 1) << "a later vote replaces an earlier one";
  EXPECT_EQ(counted.at("members"), 3);
  told(other, {{"vote", "pizza"}});
  phone->vanish();
  server.run();
  heard(ann);
  server.pass(10'100ms);
  const auto result = heard(ann).back();
  EXPECT_EQ(result.at("votes"), 2) << "bob is still here";
  EXPECT_EQ(result.at("result"),
            json::parse(R"([{"option":"pizza","votes":1},{"option":"soup","votes":1}])"));
}

TEST_F(poll, who_joins_when_no_poll_is_open_is_told_nothing) {
  auto ann = member();
  say(ann, lunch);
  server.pass(10'100ms);
  auto late = server.connect({.room = "poll/lunch"});
  server.run();
  EXPECT_EQ(types(heard(late)), (list{"connection"}));
}

TEST_F(poll, the_vote_of_a_member_that_is_gone_does_not_count) {
  auto ann = member();
  auto bob = member();
  auto eve = member();
  say(ann, lunch);
  for (auto* who : {&ann, &bob, &eve})
    say(*who, {{"vote", "pizza"}});
  server.run();
  bob->say(R"({"type":"leave","room":"poll/lunch"})");
  eve->vanish();
  server.run();
  heard(ann);
  server.pass(10'100ms);
  const auto result = heard(ann).at(0);
  EXPECT_EQ(result.at("votes"), 1);
  EXPECT_EQ(result.at("result")[0].at("votes"), 1);
}

TEST_F(poll, another_poll_may_follow_and_begins_without_votes) {
  auto ann = member();
  say(ann, lunch);
  say(ann, {{"vote", "pizza"}});
  server.pass(10'100ms);
  heard(ann);
  EXPECT_EQ(types(told(ann, {{"vote", "pizza"}})), (list{"error"})) << "no poll is open";
  EXPECT_EQ(types(told(ann, {{"ask", "Tea?"}, {"options", {"yes", "no"}}, {"seconds", 1}})),
            (list{"poll_opened"}));
  server.pass(1100ms);
  const auto result = heard(ann).at(0);
  EXPECT_EQ(result.at("question"), "Tea?");
  EXPECT_EQ(result.at("votes"), 0);
  server.pass(15s);
  EXPECT_TRUE(heard(ann).empty()) << "no second result";
}

TEST_F(poll, a_poll_lasts_thirty_seconds_unless_it_says_otherwise) {
  auto ann = member();
  EXPECT_EQ(told(ann, {{"ask", "?"}, {"options", {"a", "b"}}}).at(0).at("seconds"), 30);
  server.pass(29'900ms);
  auto frames = types(heard(ann));
  EXPECT_EQ(std::count(frames.begin(), frames.end(), "poll_result"), 0);
  server.pass(200ms);
  frames = types(heard(ann));
  EXPECT_EQ(std::count(frames.begin(), frames.end(), "poll_result"), 1);
}

struct refused {
  json message;
  const char* names;
};

json question(json ask, json options, json seconds = 10) {
  return {
    {"ask", std::move(ask)}, {"options", std::move(options)}, {"seconds", std::move(seconds)}};
}

TEST_F(poll, a_refusal_names_the_field) {
  const json two{"a", "b"};
  const json twenty_one(21, "x");
  const std::string longest(200, 'x');
  const std::vector<refused> cases = {
    {{{"ask", "?"}}, "'options'"},
    {{{"ask", 1}}, "'ask'"},
    {question("", two), "'ask'"},
    {question(nullptr, two), "'ask'"},
    {question(longest + "x", two), "'ask'"},
    {question("?", "a"), "'options'"},
    {question("?", json::array()), "'options'"},
    {question("?", {"a"}), "'options'"},
    {question("?", twenty_one), "'options'"},
    {question("?", {"a", 1}), "'options'"},
    {question("?", {"a", ""}), "'options'"},
    {question("?", {"a", longest + "x"}), "'options'"},
    {question("?", {"a", "b", "a"}), "'options'"},
    {question("?", json::object()), "'options'"},
    {question("?", two, 0), "'seconds'"},
    {question("?", two, -1), "'seconds'"},
    {question("?", two, 3601), "'seconds'"},
    {question("?", two, 1.5), "'seconds'"},
    {question("?", two, "10"), "'seconds'"},
    {question("?", two, nullptr), "'seconds'"},
    {question("?", two, 18446744073709551615u), "'seconds'"},
    {question("?", two, 4294967297), "'seconds'"},
    {"hello", "'message'"},
    {nullptr, "'message'"},
    {{{"asks", "?"}}, "'message'"},
    {json::array({"ask"}), "'message'"},
  };
  auto ann = member();
  auto bob = member();
  for (const auto& c : cases) {
    const auto frames = told(ann, c.message);
    ASSERT_EQ(types(frames), (list{"error"})) << c.message;
    EXPECT_EQ(frames[0].at("code"), "bad_request") << c.message;
    EXPECT_NE(frames[0].at("message").get<std::string>().find(c.names), std::string::npos)
      << c.message << ": " << frames[0].at("message");
  }
  EXPECT_TRUE(heard(bob).empty()) << "the others are not told";
  EXPECT_EQ(types(told(ann, question(longest, {longest, "b"}, 3600))), (list{"poll_opened"}));
}

TEST_F(poll, a_vote_must_be_one_of_the_options) {
  auto ann = member();
  EXPECT_EQ(types(told(ann, {{"vote", "pizza"}})), (list{"error"})) << "no poll is open";
  told(ann, lunch);
  for (const json& choice :
       {json("Pizza"), json(""), json(0), json(nullptr), json::array({"pizza"}), json::object()}) {
    const auto frames = told(ann, {{"vote", choice}});
    ASSERT_EQ(types(frames), (list{"error"})) << choice;
    EXPECT_NE(frames[0].at("message").get<std::string>().find("'vote'"), std::string::npos);
  }
  EXPECT_EQ(told(ann, lunch).at(0).at("code"), "bad_request") << "a poll is open already";
  server.pass(10'100ms);
  EXPECT_EQ(heard(ann).at(0).at("votes"), 0);
}

TEST_F(poll, no_json_that_a_client_may_send_breaks_the_room) {
  const std::string deep = std::string(62, '[') + std::string(62, ']');
  auto ann = member();
  for (const auto& message :
       {"1e999"s, "-1e99999"s, R"({"ask":1e999})"s,
        R"({"ask":"?","options":["a","b"],"seconds":1e999})"s, R"({"vote":1e999})"s,
        R"({"ask":"?","options":[1e999,"b"]})"s, deep, R"({"ask":)" + deep + "}",
        R"({"vote":{"a":[{}]}})"s, R"({"":0})"s, R"({"vote":"\u0000"})"s, std::string(64, '9'),
        "-0"s, R"("\ud83d\ude00")"s}) {
    say_raw(ann, message);
    server.run();
    const auto frames = heard(ann);
    ASSERT_EQ(types(frames), (list{"error"})) << message;
    EXPECT_EQ(frames[0].at("code"), "bad_request") << message;
  }
  say_raw(ann, R"({"ask":"\u0000\"\u2028","options":["\u0000","\\\ud83d\ude00"]})");
  server.run();
  const auto opened = heard(ann).at(0);
  EXPECT_EQ(opened.at("question"), "\0\"\xe2\x80\xa8"s);
  EXPECT_EQ(types(told(ann, {{"vote", "\0"s}})), (list{"poll_votes"}));
}

TEST(polls, every_vote_counts_once_whatever_the_order) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server({.seed = seed, .loops = 3, .rooms_on_loops = seed % 2 == 1});
    std::vector<client> members;
    for (int i = 0; i < 6; ++i)
      members.push_back(server.connect({.room = "poll/p"}));
    server.run();
    say(members[0], lunch);
    server.run();
    std::mt19937_64 dice(seed);
    for (auto& who : members)
      for (auto n = dice() % 3; n > 0; --n)
        say(who, {{"vote", dice() % 2 ? "pizza" : "soup"}});
    const std::size_t last = dice() % 2; // for all who vote once more
    for (auto& who : members)
      say(who, {{"vote", lunch.at("options")[last]}});
    server.run();
    for (auto& who : members)
      EXPECT_EQ(heard(who).back().at("votes"), 6) << "seed " << seed;
    server.pass(10'100ms);
    const auto result = heard(members[0]).back();
    EXPECT_EQ(result.at("result")[last].at("votes"), 6) << "seed " << seed;
    EXPECT_EQ(result.at("result")[1 - last].at("votes"), 0) << "seed " << seed;
    for (std::size_t i = 1; i < members.size(); ++i)
      EXPECT_EQ(heard(members[i]).back(), result) << "seed " << seed;
  }
}

} // namespace
} // namespace troupe::test
