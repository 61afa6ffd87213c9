// Who said it: `from` and `user_id` come from the server in everything that a connection causes,
// and no client can forge them.
//
//   caused by     a member, a publisher, the API, a rule, a room's timer
//   with          a token, without one, under somebody else's name, claiming the fields
//   heard as      message, user_joined, user_left, publication, what a room type makes
#include "heard.hpp"
#include "stage.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct speaker {
  client who;
  std::string id; ///< as it was told
};

speaker enter(stage& server, const std::string& user, bool token, const std::string& room = "r") {
  connection::opening asked;
  asked.room = room;
  asked.user = user;
  if (token) {
    auto bearer = std::make_shared<identity>();
    bearer->user_id = "id-" + user;
    bearer->username = user;
    asked.who = std::move(bearer);
  }
  speaker out{server.connect(std::move(asked)), {}};
  server.run();
  out.id = heard(out.who).at(0).at("connection_id");
  return out;
}

json last(client& who) {
  return heard(who).back();
}

TEST(who_said, is_the_connection_and_the_user_of_its_token) {
  stage server({.loops = 2, .rooms_on_loops = true});
  auto ann = enter(server, "ann", true);
  auto eve = enter(server, "ann", false); // calls herself the same
  const auto joined = last(ann.who);
  EXPECT_EQ(joined.at("from"), eve.id);
  EXPECT_FALSE(joined.contains("user_id"));
  const std::string forged =
    R"({"type":"message","message":1,"user":"ann","from":"server","user_id":"id-ann"})";
  eve.who->say(forged);
  server.run();
  auto said = last(ann.who);
  EXPECT_EQ(said.at("user"), "ann");
  EXPECT_EQ(said.at("from"), eve.id);
  EXPECT_FALSE(said.contains("user_id"));
  ann.who->say(forged);
  server.run();
  said = last(eve.who);
  EXPECT_EQ(said.at("from"), ann.id);
  EXPECT_EQ(said.at("user_id"), "id-ann");
  ann.who->vanish();
  server.run();
  const auto left = last(eve.who);
  EXPECT_EQ(left.at("type"), "user_left");
  EXPECT_EQ(left.at("from"), ann.id);
  EXPECT_EQ(left.at("user_id"), "id-ann");
}

TEST(who_said, holds_for_publications) {
  stage server;
  auto listener = enter(server, "ben", false, "");
  listener.who->say(R"({"type":"subscribe","topic":"t"})");
  server.run();
  heard(listener.who);
  for (const bool token : {false, true}) {
    auto ann = enter(server, "ann", token, "");
    ann.who->say(R"({"type":"publish","topic":"t","data":{"from":"x"},"from":"server"})");
    server.run();
    const auto said = last(listener.who);
    EXPECT_EQ(said.at("from"), ann.id);
    EXPECT_EQ(said.contains("user_id"), token);
    if (token) {
      EXPECT_EQ(said.at("user_id"), "id-ann");
    }
  }
}

TEST(who_said, is_the_server_where_it_speaks_itself) {
  stage server;
  auto ann = enter(server, "ann", true);
  ann.who->say(R"({"type":"subscribe","topic":"t"})");
  server.run();
  heard(ann.who);
  const auto& directory = server.routes.directory;
  caf::anon_send(directory, post{.kind = audience_kind::topic, .name = "t", .content = "1"});
  caf::anon_send(directory,
                 post{.kind = audience_kind::room, .name = "r", .user = "ann", .content = "1"});
  caf::anon_send(directory, bridged{.to = bridge_target::topic, .name = "t", .type = "x"});
  caf::anon_send(directory, bridged{.to = bridge_target::room, .name = "r", .type = "x"});
  server.run();
  const auto frames = heard(ann.who);
  ASSERT_EQ(frames.size(), 4u);
  for (const auto& frame : frames) {
    EXPECT_EQ(frame.at("from"), "server") << frame;
    EXPECT_FALSE(frame.contains("user_id")) << frame;
  }
}

TEST(who_said, is_the_server_when_a_rooms_timer_rings) {
  stage server;
  auto ann = enter(server, "ann", true, "poll/p");
  ann.who->say(R"({"type":"message","message":{"ask":"?","options":["a","b"],"seconds":5}})");
  server.run();
  EXPECT_EQ(last(ann.who).at("from"), ann.id);
  server.pass(6s);
  const auto result = last(ann.who);
  EXPECT_EQ(result.at("type"), "poll_result");
  EXPECT_EQ(result.at("from"), "server");
}

TEST(who_said, a_new_name_in_a_room_is_told) {
  stage server;
  auto ann = enter(server, "ann", false);
  auto ben = enter(server, "ben", false);
  heard(ann.who);
  ben.who->say(R"({"type":"join","room":"r","user":"ann"})");
  server.run();
  const auto frames = heard(ann.who);
  ASSERT_EQ(types(frames), (list{"user_left", "user_joined"}));
  EXPECT_EQ(frames[0].at("user"), "ben");
  EXPECT_EQ(frames[1].at("user"), "ann");
  EXPECT_EQ(frames[1].at("from"), ben.id);
  EXPECT_EQ(types(heard(ben.who)), (list{"joined"}));
  ben.who->say(R"({"type":"join","room":"r","user":"ann"})");
  ben.who->say(R"({"type":"message","message":1,"user":"other"})");
  server.run();
  EXPECT_EQ(types(heard(ann.who)), (list{"message"})) << "no other name, and none for one message";
}

TEST(who_said, nobody_without_a_token_is_called_as_the_server_is) {
  stage server;
  auto ann = enter(server, "ann", false);
  for (const std::string name : {"server", "Server", "SERVER"}) {
    ann.who->say(json{{"type", "message"}, {"message", 1}, {"user", name}, {"id", 1}}.dump());
    ann.who->say(json{{"type", "join"}, {"room", "r"}, {"user", name}, {"id", 2}}.dump());
    server.run();
    for (const auto& answer : heard(ann.who)) {
      EXPECT_EQ(answer.at("code"), "bad_request");
      EXPECT_EQ(answer.at("message"), "'user' is a name of the server's own");
    }
  }
  for (const std::string name : {"servers", "the server", "serve"}) {
    ann.who->say(json{{"type", "message"}, {"message", 1}, {"user", name}}.dump());
    server.run();
    EXPECT_EQ(last(ann.who).at("user"), name);
  }
}

// -- what only services may send ---------------------------------------------------------------------

TEST(who_said, what_is_the_word_of_services_no_client_can_publish) {
  stage server;
  server.change([](live_settings& next) {
    next.from_services = [](std::string_view topic, std::string_view event) {
      return topic.starts_with("orders.") && event == "order_update";
    };
  });
  auto ann = enter(server, "ann", true, "");
  heard(ann.who);
  const auto publish = [&](const std::string& topic, const std::string& event) {
    ann.who->say(json{{"type", "publish"}, {"topic", topic}, {"event", event}, {"data", 1}}.dump());
    server.run();
    const auto answer = last(ann.who);
    return answer.value("code", answer.at("type").get<std::string>());
  };
  EXPECT_EQ(publish("t", "notification"), "bad_request");
  EXPECT_EQ(publish("t", "announcement"), "bad_request");
  EXPECT_EQ(publish("t", "sent"), "bad_request");
  EXPECT_EQ(publish("orders.1", "order_update"), "bad_request");
  EXPECT_EQ(publish("orders.1", "mine"), "published");
  EXPECT_EQ(publish("other", "order_update"), "published");
}

} // namespace
} // namespace troupe::test
