// What a room's logic may do besides answering: each verb by itself, as members and others see it.
#include "heard.hpp"
#include "staffed_server.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// Does as it is told: `{"do":"publish","topic":"t","event":"e","data":1}`.
class puppet final : public room_logic {
public:
  void on_open(room_context& room) override { left_ = room.remembered(); }

  result<> may_join(room_context& room, const member& who) override {
    if (who.user == "usurper")
      for (const auto& each : room.members())
        room.put_out(each.connection, "usurped");
    return {};
  }

  void on_join(room_context& room, const member& who) override {
    room_logic::on_join(room, who);
    if (who.user == "unwanted")
      room.put_out(who.connection, "not you");
  }

  void on_message(room_context& room, const member& from, std::string_view,
                  std::string_view content) override {
    const json asked = json::parse(content);
    const std::string what = asked.at("do");
    if (what == "notify")
      return room.notify("typing", json_fields{}.text("who", from.user));
    if (what == "broadcast")
      return room.broadcast("said", json_fields{});
    if (what == "put_out")
      return put_out(room, asked.at("whom"));
    if (what == "recall")
      return room.send(from.connection, "recalled", json_fields{}.text("left", left_));
    if (const auto done = carry_out(room, what, asked); !done)
      room.refuse(from.connection, done.error());
  }

  void on_presence(room_context& room, const member& who) override {
    const std::string shown(room.shown_by(who.connection));
    room.notify("shown", json_fields{}.text("who", who.user).text("state", shown));
  }

private:
  static result<> carry_out(room_context& room, const std::string& what, const json& asked) {
    if (what == "publish")
      return room.publish(asked.at("topic").get<std::string>(),
                          asked.at("event").get<std::string>(), asked.at("data").dump());
    if (what == "send_to_user")
      return room.send_to_user(asked.at("whom").get<std::string>(), "nudge",
                               json_fields{}.number("n", 1));
    return room.remember(asked.at("json").get<std::string>());
  }
  static void put_out(room_context& room, const std::string& whom) {
    for (const auto& each : room.members())
      if (each.user == whom) {
        room.put_out(each.connection, "enough");
        return;
      }
  }

  std::string left_;
};

stage::options with_puppet(std::uint64_t seed = 0) {
  stage::options how{.seed = seed, .loops = 2, .rooms_on_loops = true, .rooms = server_rooms()};
  how.rooms["puppet"] = [] { return std::make_unique<puppet>(); };
  return how;
}

struct puppets : stage {
  explicit puppets(options how = with_puppet()) : stage(std::move(how)) {}

  client joins(const std::string& user) {
    auto who = connect({.user = user, .room = "puppet/p"});
    run();
    who->read();
    return who;
  }
  client subscribes(const std::string& topic) {
    auto who = connect();
    who->say(json{{"type", "subscribe"}, {"topic", topic}}.dump());
    run();
    who->read();
    return who;
  }
  std::vector<json> has(client& who, const json& done) {
    who->say(json{{"type", "message"}, {"message", done}}.dump());
    run();
    return heard(who);
  }
};

TEST(room_verbs, notify_tells_all_and_takes_no_place) {
  puppets server;
  auto ann = server.joins("ann");
  auto bob = server.joins("bob");
  ann->read();
  const auto told = server.has(ann, {{"do", "notify"}});
  ASSERT_EQ(types(told), list{"typing"});
  EXPECT_FALSE(told[0].contains("offset"));
  EXPECT_EQ(heard(bob), told);
  EXPECT_EQ(server.has(ann, {{"do", "broadcast"}})[0]["offset"], 1);
  auto back = server.connect({.room = "puppet/p", .since = position{"test-1", 0}});
  server.run();
  EXPECT_EQ(types(heard(back)), (list{"connection", "said"}));
}

TEST(room_verbs, what_members_show_is_known) {
  puppets server;
  auto ann = server.joins("ann");
  auto bob = server.joins("bob");
  ann->read();
  const auto shows = [&](const json& state) {
    ann->say(json{{"type", "set_presence"}, {"room", "puppet/p"}, {"state", state}}.dump());
    server.run();
    ann->read();
    return heard(bob);
  };
  for (const json& state : {json{{"hand", "up"}}, json{{"away", true}}, json(nullptr)}) {
    const auto frames = shows(state);
    ASSERT_EQ(types(frames), list{"shown"});
    EXPECT_EQ(frames[0]["who"], "ann");
    EXPECT_EQ(frames[0]["state"], state.is_null() ? "" : state.dump());
  }
}

TEST(room_verbs, publish_reaches_who_listens) {
  std::vector<std::string> tapped; // outlives the server, which taps to its end
  puppets server;
  server.observers.tap = [&](const tapped_event& what) { tapped.emplace_back(what.name); };
  auto ann = server.joins("ann");
  auto eve = server.subscribes("news");
  tapped.clear();
  EXPECT_TRUE(
    server
      .has(ann, {{"do", "publish"}, {"topic", "news"}, {"event", "score"}, {"data", {{"a", -1}}}})
      .empty());
  const auto got = heard(eve);
  ASSERT_EQ(types(got), list{"score"});
  EXPECT_EQ(got[0]["topic"], "news");
  EXPECT_EQ(got[0]["data"], (json{{"a", -1}}));
  EXPECT_EQ(got[0]["from"], "server");
  EXPECT_EQ(got[0]["offset"], 1);
  EXPECT_EQ(tapped, list{"news"}) << "rules that publish to the bus hear of it";
  EXPECT_EQ(server.metrics.bridge.unheard.value(), 0u);
}

TEST(room_verbs, publish_is_kept_where_nobody_listens_yet) {
  puppets server;
  server.change([](live_settings& next) { next.topic_history = {100, 256 * 1024, 10min}; });
  auto ann = server.joins("ann");
  server.has(ann, {{"do", "publish"}, {"topic", "news"}, {"event", "score"}, {"data", 1}});
  auto eve = server.connect();
  eve->say(R"({"type":"history","topic":"news"})");
  server.run();
  EXPECT_EQ(heard(eve).back()["messages"].size(), 1u);
}

TEST(room_verbs, wrong_names_are_refused) {
  puppets server;
  auto ann = server.joins("ann");
  for (const json& wrong :
       {json{{"do", "publish"}, {"topic", "a..b"}, {"event", "e"}, {"data", 1}},
        json{{"do", "publish"}, {"topic", "a.*"}, {"event", "e"}, {"data", 1}},
        json{{"do", "publish"}, {"topic", "a"}, {"event", "connection"}, {"data", 1}},
        json{{"do", "publish"}, {"topic", "a"}, {"event", ""}, {"data", 1}},
        json{{"do", "send_to_user"}, {"whom", ""}}, json{{"do", "send_to_user"}, {"whom", "a\nb"}}})
    EXPECT_EQ(types(server.has(ann, wrong)), list{"error"}) << wrong;
}

TEST(room_verbs, send_to_user_finds_all_connections_of_that_user) {
  puppets server;
  auto ann = server.joins("ann");
  auto phone = server.connect({.who = person("bob")});
  auto laptop = server.connect({.who = person("bob")});
  auto other = server.connect({.who = person("carl")});
  server.run();
  for (auto* each : {&phone, &laptop, &other})
    (*each)->read();
  EXPECT_TRUE(server.has(ann, {{"do", "send_to_user"}, {"whom", "bob"}}).empty());
  EXPECT_EQ(types(heard(phone)), list{"nudge"});
  EXPECT_EQ(types(heard(laptop)), list{"nudge"});
  EXPECT_TRUE(heard(other).empty());
}

TEST(room_verbs, what_a_room_remembers_is_there_when_it_comes_back) {
  puppets server;
  auto ann = server.joins("ann");
  EXPECT_TRUE(server.has(ann, {{"do", "remember"}, {"json", "1"}}).empty());
  EXPECT_TRUE(server.has(ann, {{"do", "remember"}, {"json", R"({"round":2})"}}).empty());
  ann->close();
  server.pass(3min);
  EXPECT_EQ(server.metrics.rooms, 0u);
  auto bob = server.joins("bob");
  EXPECT_EQ(server.has(bob, {{"do", "recall"}})[0]["left"], R"({"round":2})");
  bob->close();
  server.pass(15min);
  auto carl = server.joins("carl");
  EXPECT_EQ(server.has(carl, {{"do", "recall"}})[0]["left"], "") << "it has aged";
}

TEST(room_verbs, a_room_remembers_no_more_than_its_history_and_its_bound_allow) {
  puppets server;
  server.change([](live_settings& next) { next.bounds.remembered_bytes_max = 10; });
  auto ann = server.joins("ann");
  EXPECT_EQ(server.has(ann, {{"do", "remember"}, {"json", "\"123456789\""}})[0]["code"],
            "limit_exceeded");
  server.change([](live_settings& next) { next.room_history = {}; });
  EXPECT_TRUE(server.has(ann, {{"do", "remember"}, {"json", "1"}}).empty());
  ann->close();
  server.pass(3min);
  auto bob = server.joins("bob");
  EXPECT_EQ(server.has(bob, {{"do", "recall"}})[0]["left"], "") << "it keeps no history";
}

TEST(room_verbs, who_is_put_out_is_told_why_and_the_others_that) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    puppets server(with_puppet(seed));
    auto ann = server.joins("ann");
    auto bob = server.joins("bob");
    ann->read();
    const auto told = server.has(ann, {{"do", "put_out"}, {"whom", "bob"}});
    ASSERT_EQ(types(told), list{"user_left"});
    EXPECT_EQ(told[0]["user"], "bob");
    const auto last = heard(bob);
    ASSERT_EQ(types(last), list{"left"});
    EXPECT_EQ(last[0]["reason"], "enough");
    EXPECT_EQ(types(server.has(bob, {{"do", "broadcast"}})), list{"error"});
    bob->say(R"({"type":"join","room":"puppet/p"})");
    server.run();
    EXPECT_EQ(types(heard(bob)), list{"joined"});
  }
}

TEST(room_verbs, somebody_may_be_put_out_while_it_or_another_joins) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    puppets server(with_puppet(seed));
    auto ann = server.joins("ann");
    auto unwanted = server.connect({.user = "unwanted", .room = "puppet/p"});
    server.run();
    EXPECT_EQ(types(heard(unwanted)), (list{"connection", "left"}));
    EXPECT_EQ(types(heard(ann)), (list{"user_joined", "user_left"}));
    auto usurper = server.joins("usurper");
    EXPECT_EQ(types(heard(ann)), list{"left"});
    EXPECT_EQ(types(server.has(usurper, {{"do", "broadcast"}})), list{"said"});
    usurper->close();
    server.pass(3min);
    EXPECT_EQ(server.metrics.rooms, 0u);
  }
}

} // namespace
} // namespace troupe::test
