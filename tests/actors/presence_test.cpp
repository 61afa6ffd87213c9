// Who is told who is there: by frames, in rooms and on topics.
//
//   who is there   users and connections, one that comes, goes, is back in time, becomes a user
//   who is told    only who follows; one frame, then what changes, twice a second
//   where          rooms by themselves, topics as configured; modes; rights
#include "heard.hpp"
#include "staffed_server.hpp"

#include <gtest/gtest.h>

#include <map>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// What a follower knows, from what it was sent.
using view = std::map<std::string, json>;

std::string key_of(const json& entry) {
  return entry.value("user_id", entry.value("from", "")); // they look different
}

void update(view& seen, const json& frame) {
  for (const auto* list : {"users", "joins", "updates"})
    for (const auto& each : frame.value(list, json::array()))
      seen[key_of(each)] = each;
  for (const auto& each : frame.value("leaves", json::array()))
    seen.erase(key_of(each));
}

struct with_presence : staffed_server {
  explicit with_presence(options how = {}, presence_mode of_topics = presence_mode::list)
    : staffed_server(std::move(how)) {
    change([&](live_settings& next) { next.topic_presence = of_topics; });
    settings.verify = [](std::string_view token) { return person(std::string(token)); };
  }

  std::vector<json> asks(client& who, const json& frame) {
    heard(who);
    say(who, frame);
    return heard(who);
  }
  // In the room or on the topic, without and with being told who is there.
  std::vector<json> joins(client& who, const std::string& kind, json more = json::object()) {
    more["type"] = kind == "room" ? "join" : "subscribe";
    more[kind] = "x";
    return asks(who, more);
  }
  std::vector<json> follows(client& who, const std::string& kind) {
    return joins(who, kind, {{"presence", true}});
  }
  void leaves(client& who, const std::string& kind) {
    say(who, {{"type", kind == "room" ? "leave" : "unsubscribe"}, {kind, "x"}});
  }
  // What of it is about presence.
  static std::vector<json> told(client& who) {
    auto all = heard(who);
    std::erase_if(all, [](const json& each) {
      return !each.at("type").get<std::string>().starts_with("presence");
    });
    return all;
  }
};

class presence_of : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(both, presence_of, testing::Values("room", "topic"),
                         [](const auto& each) { return each.param; });

TEST_P(presence_of, is_one_frame_and_then_what_changes_for_who_asked) {
  with_presence server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben")),
       cleo = server.enter(nullptr);
  server.joins(ben, GetParam());
  const auto first = server.follows(ann, GetParam());
  ASSERT_EQ(types(first), (list{GetParam() == "room" ? "joined" : "subscribed", "presence"}));
  EXPECT_EQ(first[1],
            (json{{"type", "presence"},
                  {GetParam(), "x"},
                  {"count", 2},
                  {"users",
                   {{{"user", "name of ann"}, {"user_id", "ann"}, {"connections", 1}},
                    {{"user", "name of ben"}, {"user_id", "ben"}, {"connections", 1}}}}}));
  server.joins(cleo, GetParam());
  const auto diff = with_presence::told(ann);
  ASSERT_EQ(diff.size(), 1u) << "at once: nothing was told for a while";
  const json guest{
    {"user", "Anonymous"}, {"from", server.settings.public_id(cleo->id())}, {"connections", 1}};
  EXPECT_EQ(diff[0], (json{{"type", "presence_diff"},
                           {GetParam(), "x"},
                           {"count", 3},
                           {"joins", {guest}},
                           {"leaves", json::array()},
                           {"updates", json::array()}}));
  server.pass(1s);
  for (auto* other : {&ben, &cleo})
    EXPECT_TRUE(with_presence::told(*other).empty()) << "it has not asked";
}

TEST_P(presence_of, is_told_twice_a_second_however_many_come) {
  with_presence server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.enter(person("ann"));
  server.follows(ann, GetParam());
  server.pass(1s);
  heard(ann);
  std::vector<client> crowd;
  for (int i = 0; i < 50; ++i) {
    crowd.push_back(server.enter(nullptr));
    server.joins(crowd.back(), GetParam());
  }
  auto told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["joins"].size(), 1u);
  server.pass(480ms);
  EXPECT_TRUE(with_presence::told(ann).empty());
  server.pass(40ms);
  told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["joins"].size(), 49u);
  EXPECT_EQ(told[0]["count"], 51);
  EXPECT_EQ(server.metrics.presence_diffs.value(), 2u);
}

TEST_P(presence_of, a_user_who_is_back_in_time_never_left) {
  with_presence server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben"));
  server.joins(ben, GetParam());
  server.follows(ann, GetParam());
  ben->vanish();
  server.pass(4s);
  auto again = server.enter(person("ben"));
  server.joins(again, GetParam());
  server.pass(10s);
  EXPECT_TRUE(with_presence::told(ann).empty());
  again->vanish();
  server.pass(4900ms);
  EXPECT_TRUE(with_presence::told(ann).empty());
  server.pass(200ms);
  const auto told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["leaves"], (json{{{"user", "name of ben"}, {"user_id", "ben"}}}));
  EXPECT_EQ(told[0]["count"], 1);
}

TEST_P(presence_of, ends_with_being_there_or_with_a_word) {
  with_presence server;
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben"));
  server.follows(ann, GetParam());
  server.follows(ben, GetParam());
  server.leaves(ann, GetParam());
  server.joins(ben, GetParam(), {{"presence", false}});
  server.pass(10s);
  with_presence::told(ann);
  with_presence::told(ben);
  auto cleo = server.enter(nullptr);
  server.joins(cleo, GetParam());
  server.pass(10s);
  EXPECT_TRUE(with_presence::told(ann).empty());
  EXPECT_TRUE(with_presence::told(ben).empty());
  const auto again = server.follows(ben, GetParam());
  ASSERT_EQ(again.back()["type"], "presence");
  EXPECT_EQ(again.back()["count"], 2);
}

TEST_P(presence_of, has_a_state_that_ends_with_its_connection) {
  with_presence server;
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben")),
       tab = server.enter(person("ben"));
  server.follows(ann, GetParam());
  server.joins(ben, GetParam());
  server.joins(tab, GetParam());
  server.pass(1s);
  heard(ann);
  const json frame{
    {"type", "set_presence"}, {GetParam(), "x"}, {"state", {{"away", true}}}, {"id", 7}};
  EXPECT_EQ(server.asks(ben, frame),
            (std::vector<json>{{{"type", "presence_updated"}, {GetParam(), "x"}, {"id", 7}}}));
  auto told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["updates"], (json{{{"user", "name of ben"},
                                       {"user_id", "ben"},
                                       {"connections", 2},
                                       {"state", {{"away", true}}}}}));
  server.leaves(ben, GetParam());
  server.pass(1s);
  told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["updates"],
            (json{{{"user", "name of ben"}, {"user_id", "ben"}, {"connections", 1}}}));
}

TEST_P(presence_of, bad_states_are_told_what_is_wrong) {
  with_presence server;
  auto ann = server.enter(person("ann"));
  const auto error = [&](json state, const char* key) {
    const auto got =
      server.asks(ann, {{"type", "set_presence"}, {GetParam(), "x"}, {key, std::move(state)}});
    return got.size() == 1 ? got[0].value("code", "") + ": " + got[0].value("message", "") : "";
  };
  EXPECT_EQ(error(json::object(), "state"), GetParam() == "room"
                                              ? "not_in_room: Not in that room"
                                              : "not_in_room: Not subscribed to that topic");
  server.joins(ann, GetParam());
  EXPECT_EQ(error(1, "state"), "bad_request: 'state' must be an object or null");
  EXPECT_EQ(error(1, "stat"), "bad_request: 'state' must be an object or null");
  EXPECT_EQ(error({{"a", std::string(2000, 'x')}}, "state"),
            "limit_exceeded: 'state' must be at most 1024 bytes");
  EXPECT_EQ(
    types(server.asks(ann, {{"type", "set_presence"}, {GetParam(), "x"}, {"state", nullptr}})),
    list{"presence_updated"});
}

TEST_P(presence_of, is_asked_for_in_pages_by_whoever_may) {
  with_presence server;
  std::vector<client> all;
  for (int i = 0; i < 7; ++i) {
    all.push_back(server.enter(person("u" + std::to_string(i))));
    server.joins(all.back(), GetParam());
  }
  auto outside = server.enter(nullptr);
  json question{{"type", "presence"}, {GetParam(), "x"}, {"limit", 3}, {"id", "p"}};
  std::string seen;
  for (auto* who : {&outside, &all[0], &outside}) {
    const auto page = server.asks(*who, question).at(0);
    EXPECT_EQ(page["type"], "presence");
    EXPECT_EQ(page["id"], "p");
    EXPECT_EQ(page["count"], 7);
    for (const auto& each : page["users"])
      seen += each["user_id"].get<std::string>() + " ";
    question["after"] = page.value("next", "end");
  }
  EXPECT_EQ(seen, "u0 u1 u2 u3 u4 u5 u6 ");
  EXPECT_EQ(question["after"], "end");
  question[GetParam()] = "y";
  question.erase("after");
  EXPECT_EQ(server.asks(outside, question).at(0)["code"], "not_found");
}

TEST_P(presence_of, may_be_only_a_number) {
  with_presence server({}, presence_mode::count);
  server.change([](live_settings& next) { next.room_presence = presence_mode::count; });
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben")),
       tab = server.enter(person("ben"));
  const auto first = server.follows(ann, GetParam());
  EXPECT_EQ(first.back(), (json{{"type", "presence"}, {GetParam(), "x"}, {"count", 1}}));
  server.joins(ben, GetParam());
  EXPECT_EQ(with_presence::told(ann),
            (std::vector<json>{{{"type", "presence_diff"}, {GetParam(), "x"}, {"count", 2}}}));
  server.joins(tab, GetParam());
  server.pass(1s);
  EXPECT_TRUE(with_presence::told(ann).empty()) << "they are as many as before";
  auto guest = server.enter(nullptr), other = server.enter(nullptr), late = server.enter(nullptr);
  server.joins(guest, GetParam());
  EXPECT_EQ(with_presence::told(ann).at(0)["count"], 3);
  server.joins(other, GetParam());
  EXPECT_EQ(server.follows(late, GetParam()).back()["count"], 5);
  server.leaves(other, GetParam());
  server.leaves(guest, GetParam());
  server.pass(1s);
  const auto told = with_presence::told(late);
  ASSERT_EQ(told.size(), 1u) << "as many as the others were told of, but not this one";
  EXPECT_EQ(told[0]["count"], 3);
}

TEST_P(presence_of, may_be_off) {
  with_presence server({}, presence_mode::off);
  server.change([](live_settings& next) { next.room_presence = presence_mode::off; });
  auto ann = server.enter(person("ann"));
  const auto got = server.follows(ann, GetParam());
  ASSERT_EQ(types(got), (list{GetParam() == "room" ? "joined" : "subscribed", "error"}));
  EXPECT_EQ(got[1]["code"], "not_found");
  EXPECT_EQ(got[1][GetParam()], "x");
  for (const auto* type : {"presence", "set_presence"}) {
    const auto told =
      server.asks(ann, {{"type", type}, {GetParam(), "x"}, {"state", json::object()}, {"id", 1}});
    ASSERT_EQ(types(told), list{"error"});
    EXPECT_EQ(told[0]["code"], "not_found");
    EXPECT_EQ(told[0]["id"], 1);
  }
}

TEST_P(presence_of, needs_a_right_of_its_own) {
  with_presence server;
  server.change([](live_settings& next) {
    auto all = open_to_all();
    all.grants[static_cast<std::size_t>(action::presence)] = {.roles = {"staff"}};
    next.access = access_rules({all});
  });
  auto ann = server.enter(person("ann")), boss = server.enter(person("boss", {"staff"}));
  const auto got = server.follows(ann, GetParam());
  ASSERT_EQ(types(got), (list{GetParam() == "room" ? "joined" : "subscribed", "error"}));
  EXPECT_EQ(got[1]["code"], "insufficient_permissions");
  EXPECT_EQ(got[1][GetParam()], "x");
  EXPECT_EQ(server.asks(ann, {{"type", "presence"}, {GetParam(), "x"}}).at(0)["code"],
            "insufficient_permissions");
  EXPECT_EQ(server.follows(boss, GetParam()).back()["type"], "presence");
  server.asks(boss, {{"type", "refresh"}, {"token", "boss"}});
  heard(ann);
  server.pass(1s);
  with_presence::told(boss);
  auto ben = server.enter(person("ben"));
  server.joins(ben, GetParam());
  server.pass(1s);
  EXPECT_TRUE(with_presence::told(boss).empty()) << "its new token has not the role";
}

TEST_P(presence_of, a_connection_becomes_a_users) {
  with_presence server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.enter(person("ann")), guest = server.enter(nullptr);
  server.joins(guest, GetParam());
  server.follows(ann, GetParam());
  server.asks(guest, {{"type", "refresh"}, {"token", "ben"}});
  server.pass(1s);
  const auto told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["count"], 2);
  EXPECT_EQ(told[0]["joins"][0]["user_id"], "ben");
  EXPECT_EQ(told[0]["leaves"][0]["user"], "Anonymous");
}

TEST_P(presence_of, a_slow_follower_misses_messages_but_no_change) {
  stage::options how;
  how.bounds.outbox_bytes_max = 4096;
  with_presence server(how);
  server.change([](live_settings& next) {
    next.access = access_rules({open_to_all(">", slow_consumer::latest_only)});
  });
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben"));
  server.joins(ben, GetParam());
  server.follows(ann, GetParam());
  server.pass(1s);
  heard(ann);
  ann->stall();
  for (int i = 0; i < 3; ++i) {
    auto guest = server.enter(person("guest " + std::to_string(i)));
    server.joins(guest, GetParam());
    server.say(ben, {{"type", GetParam() == "room" ? "message" : "publish"},
                     {GetParam(), "x"},
                     {"message", i},
                     {"data", i}});
    server.pass(1s);
  }
  ann->resume();
  int joined = 0, said = 0;
  for (const auto& each : heard(ann)) {
    joined += each["type"] == "presence_diff" ? static_cast<int>(each["joins"].size()) : 0;
    said += each["type"] == "message" || each["type"] == "publication" ? 1 : 0;
  }
  EXPECT_EQ(joined, 3);
  EXPECT_LT(said, 3);
}

// Whatever comes and goes: followers have what there is.
TEST_P(presence_of, followers_have_what_there_is_under_any_order) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    with_presence server({.seed = seed, .loops = 2, .rooms_on_loops = seed % 2 == 1});
    std::mt19937_64 dice(seed);
    std::vector<client> all;
    std::map<client, view> seen;
    const auto listen = [&] {
      for (auto& [who, has] : seen) {
        auto copy = who;
        for (const auto& each : with_presence::told(copy))
          update(has, each);
      }
    };
    for (int step = 0; step < 60; ++step) {
      switch (dice() % 6) {
      case 0:
      case 1:
        all.push_back(
          server.enter(dice() % 3 ? person("u" + std::to_string(dice() % 4)) : nullptr));
        if (const bool watches = dice() % 2; watches)
          seen.emplace(all.back(), view{});
        all.back()->say(json{{"type", GetParam() == "room" ? "join" : "subscribe"},
                             {GetParam(), "x"},
                             {"presence", seen.contains(all.back())}}
                          .dump());
        break;
      case 2:
        if (!all.empty()) {
          const auto place = all.begin() + static_cast<std::ptrdiff_t>(dice() % all.size());
          seen.erase(*place);
          (*place)->vanish();
          all.erase(place);
        }
        break;
      case 3:
        if (!all.empty())
          all[dice() % all.size()]->say(
            json{{"type", "set_presence"}, {GetParam(), "x"}, {"state", {{"step", step}}}}.dump());
        break;
      default:
        server.pass(std::chrono::milliseconds(dice() % 700));
        listen();
      }
    }
    server.pass(12s);
    listen();
    auto outside = server.enter(nullptr);
    view is;
    update(is, server.asks(outside, {{"type", "presence"}, {GetParam(), "x"}, {"limit", 1000}})[0]);
    EXPECT_EQ(is.empty(), all.empty());
    for (const auto& [who, has] : seen)
      EXPECT_EQ(has, is);
    if (HasFailure())
      return;
  }
}

TEST(presence_in_rooms, is_asked_for_in_the_path) {
  with_presence server;
  auto ann = server.connect({.room = "r", .follows = true});
  server.run();
  EXPECT_EQ(types(heard(ann)), (list{"connection", "presence"}));
}

TEST(presence_in_rooms, a_kick_is_told_at_once_and_a_closed_room_tells_nothing) {
  with_presence server;
  auto ann = server.enter(person("ann")), ben = server.enter(person("ben"));
  server.joins(ben, "room");
  server.follows(ann, "room");
  server.result(admin::kick_from_room{"x", {"ben", {}}, "", {}});
  const auto told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["leaves"][0]["user_id"], "ben");
  server.result(admin::close_room{"x", ""});
  EXPECT_EQ(types(heard(ann)), list{"left"});
}

TEST(presence_in_rooms, who_is_muted_shows_no_state) {
  with_presence server;
  auto ann = server.enter(person("ann"));
  server.joins(ann, "room");
  server.result(admin::mute{"x", {"ann", {}}, 60s});
  const auto got = server.asks(
    ann, {{"type", "set_presence"}, {"room", "x"}, {"state", json::object()}, {"id", 1}});
  ASSERT_EQ(types(got), list{"error"});
  EXPECT_EQ(got[0]["code"], "insufficient_permissions");
  EXPECT_EQ(got[0]["id"], 1);
}

TEST(presence_in_rooms, another_name_is_an_update) {
  with_presence server;
  auto ann = server.enter(person("ann")), guest = server.enter(nullptr);
  server.joins(guest, "room");
  server.follows(ann, "room");
  server.joins(guest, "room", {{"user", "Zed"}});
  const auto told = with_presence::told(ann);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["updates"][0]["user"], "Zed");
}

TEST(presence_on_topics, is_off_unless_wanted) {
  staffed_server server;
  auto ann = server.enter(person("ann"));
  server.say(ann, {{"type", "subscribe"}, {"topic", "t"}, {"presence", true}});
  const auto got = heard(ann);
  ASSERT_EQ(types(got), (list{"subscribed", "error"}));
  EXPECT_EQ(got[1]["code"], "not_found");
}

TEST(presence_on_topics, of_several_each_has_its_frame_behind_the_one_answer) {
  with_presence server({.loops = 2, .rooms_on_loops = true});
  auto ann = server.enter(person("ann"));
  const auto got =
    server.asks(ann, {{"type", "subscribe"}, {"topics", {"a", "b", "c"}}, {"presence", true}});
  EXPECT_EQ(types(got), (list{"subscribed", "presence", "presence", "presence"}));
}

} // namespace
} // namespace troupe::test
