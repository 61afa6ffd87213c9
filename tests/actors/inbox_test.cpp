// A user's inbox: who is in it without asking, what waits there, and who gets at it.
#include "server/config/access_of.hpp"
#include "staffed_server.hpp"

#include <caf/send.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

admin::command send_to(const std::string& user, const json& message) {
  return admin::send{admin::send::target::user, user, message.dump()};
}

struct with_inbox : staffed_server {
  explicit with_inbox(options how = {}) : staffed_server(std::move(how)) {
    settings.inbox = "user.{user_id}";
    troupe::config given;
    given.server.inbox = settings.inbox;
    change([&](live_settings& next) { next.access = access_of(given); });
    settings.verify = [](std::string_view token) -> token_verdict {
      return person(std::string(token));
    };
  }

  // A client that has seen so much of its inbox, and not read anything yet.
  client comes(const std::string& user, const json& seen = nullptr, const std::string& room = {}) {
    connection::opening asked;
    asked.who = person(user);
    asked.room = room;
    if (!seen.is_null())
      asked.inbox_since = position{seen["epoch"], seen["offset"]};
    auto who = connect(std::move(asked));
    run();
    return who;
  }
};

json position_in(const json& subscribed) {
  return subscribed["positions"].front();
}

} // namespace

TEST(inbox, who_comes_with_a_token_is_subscribed_behind_the_greeting) {
  with_inbox server;
  auto ann = server.comes("ann");
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated", "subscribed"}));
  EXPECT_EQ(frames[1]["inbox"], "user.ann");
  EXPECT_EQ(frames[2]["topics"], json{"user.ann"});
  EXPECT_EQ(position_in(frames[2])["offset"], 0);
  EXPECT_FALSE(frames[2].contains("id"));
  auto in_room = server.comes("ben", nullptr, "lobby");
  EXPECT_EQ(types(heard(in_room)), (list{"connection", "authenticated", "subscribed"}));
  auto guest = server.connect();
  server.run();
  EXPECT_EQ(types(heard(guest)), list{"connection"});
}

TEST(inbox, without_one_nobody_sees_a_new_frame_or_field) {
  staffed_server server;
  auto ann = server.connect({.who = person("ann")});
  server.run();
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated"}));
  EXPECT_FALSE(frames[1].contains("inbox"));
  EXPECT_EQ(server.result(send_to("ann", "hi")), (json{{"connections", 1}}));
  EXPECT_EQ(heard(ann)[0].size(), 3u) << "type, message, timestamp";
}

TEST(inbox, what_is_said_first_waits_until_it_is_in) {
  with_inbox server;
  auto ann = server.connect({.who = person("ann")});
  ann->say(R"({"type":"ping"})");
  server.run();
  EXPECT_EQ(types(heard(ann)), (list{"connection", "authenticated", "subscribed", "pong"}));
}

TEST(inbox, a_message_to_a_user_is_numbered_and_says_who_heard_it) {
  with_inbox server;
  auto one = server.comes("ann"), two = server.comes("ann"), ben = server.comes("ben");
  for (auto* who : {&one, &two, &ben})
    (*who)->read();
  EXPECT_EQ(server.result(send_to("ann", {{"n", 1}})),
            (json{{"connections", 2}, {"heard", 2}, {"kept", true}}));
  for (auto* who : {&one, &two}) {
    const auto frames = heard(*who);
    ASSERT_EQ(types(frames), list{"notification"});
    EXPECT_EQ(frames[0]["topic"], "user.ann");
    EXPECT_EQ(frames[0]["message"], (json{{"n", 1}}));
    EXPECT_EQ(frames[0]["from"], "server");
    EXPECT_EQ(frames[0]["offset"], 1);
  }
  EXPECT_EQ(heard(ben).size(), 0u);
  EXPECT_EQ(server.metrics.inbox.value(0), 1u);
}

TEST(inbox, what_is_sent_to_who_is_away_waits_though_nobody_ever_came) {
  with_inbox server;
  for (int i = 1; i <= 3; ++i)
    EXPECT_EQ(server.result(send_to("ann", i)),
              (json{{"connections", 0}, {"heard", 0}, {"kept", true}}));
  EXPECT_EQ(server.metrics.inbox.value(1), 3u);
  server.pass(5min);
  EXPECT_EQ(server.metrics.topics, 0u) << "its actor has gone";
  auto ann = server.comes("ann");
  auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated", "subscribed"}));
  EXPECT_EQ(position_in(frames[2])["offset"], 3);
  server.say(ann, {{"type", "history"}, {"topic", "user.ann"}});
  frames = heard(ann);
  ASSERT_EQ(frames[0]["messages"].size(), 3u);
  EXPECT_EQ(frames[0]["messages"][2]["message"], 3);
}

TEST(inbox, who_comes_back_is_sent_what_was_missed) {
  with_inbox server;
  auto ann = server.comes("ann");
  auto seen = position_in(heard(ann)[2]);
  server.result(send_to("ann", 1));
  seen["offset"] = heard(ann)[0]["offset"];
  ann->vanish();
  server.run();
  for (int i = 2; i <= 4; ++i)
    server.result(send_to("ann", i));
  server.pass(3min);
  auto back = server.comes("ann", seen);
  const auto frames = heard(back);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated", "subscribed", "notification",
                                 "notification", "notification"}));
  EXPECT_EQ(position_in(frames[2])["recovered"], true);
  EXPECT_EQ(position_in(frames[2])["top"], 4);
  for (std::size_t i = 3; i < frames.size(); ++i)
    EXPECT_EQ(frames[i]["message"], i - 1);
  auto lost = server.comes("ann", {{"epoch", "another"}, {"offset", 1}});
  EXPECT_EQ(position_in(heard(lost)[2])["recovered"], false);
}

TEST(inbox, a_client_that_has_left_it_may_come_back_with_recover) {
  with_inbox server;
  auto ann = server.comes("ann");
  const auto seen = position_in(heard(ann)[2]);
  server.say(ann, {{"type", "unsubscribe"}, {"topic", "user.ann"}});
  EXPECT_EQ(server.result(send_to("ann", 1))["heard"], 0);
  heard(ann);
  server.say(ann, {{"type", "subscribe"},
                   {"topic", "user.ann"},
                   {"recover", {{"user.ann", {{"epoch", seen["epoch"]}, {"offset", 0}}}}}});
  EXPECT_EQ(types(heard(ann)), (list{"subscribed", "notification"}));
}

TEST(inbox, who_becomes_a_user_gets_one) {
  with_inbox server;
  auto guest = server.connect();
  server.run();
  heard(guest);
  server.say(guest, {{"type", "refresh"}, {"token", "ann"}, {"id", 1}});
  EXPECT_EQ(types(heard(guest)), (list{"authenticated", "subscribed"}));
  server.say(guest, {{"type", "refresh"}, {"token", "ann"}, {"id", 2}});
  EXPECT_EQ(types(heard(guest)), list{"authenticated"}) << "and once";
}

TEST(inbox, nobody_gets_at_anothers) {
  with_inbox server;
  auto eve = server.comes("eve");
  auto guest = server.connect();
  server.run();
  for (auto* who : {&eve, &guest}) {
    (*who)->read();
    for (const json& frame : {json{{"type", "subscribe"}, {"topic", "user.ann"}},
                              json{{"type", "history"}, {"topic", "user.ann"}},
                              json{{"type", "publish"}, {"topic", "user.ann"}, {"data", 1}},
                              json{{"type", "join"}, {"room", "user.ann"}}}) {
      server.say(*who, frame);
      EXPECT_EQ(heard(*who)[0]["code"], "insufficient_permissions") << frame;
    }
    server.say(*who, {{"type", "subscribe"}, {"topics", {">", "user.*"}}});
    (*who)->read();
  }
  server.say(eve, {{"type", "publish"}, {"topic", "user.eve"}, {"data", 1}});
  EXPECT_EQ(heard(eve)[0]["code"], "insufficient_permissions") << "it is for services to write";
  server.result(send_to("ann", "secret"));
  EXPECT_EQ(heard(eve).size() + heard(guest).size(), 0u);
  server.say(guest, {{"type", "subscribe"}, {"topic", "news"}});
  EXPECT_EQ(types(heard(guest)), list{"subscribed"}) << "all else is as open as before";
}

TEST(inbox, an_id_of_other_signs_is_one_part_and_a_long_one_has_none) {
  with_inbox server;
  auto seven = server.comes("auth0|7");
  EXPECT_EQ(heard(seven)[1]["inbox"], "user.auth0:7C7");
  EXPECT_EQ(server.result(send_to("auth0|7", 1))["heard"], 1);
  const std::string id(60, '|'); // 180 bytes of a name
  auto odd = server.comes(id);
  EXPECT_EQ(types(heard(odd)), (list{"connection", "authenticated"}));
  EXPECT_EQ(server.result(send_to(id, 1)), (json{{"connections", 1}})) << "as without an inbox";
  EXPECT_EQ(types(heard(odd)), list{"notification"});
  heard(seven);
  for (const auto* user : {"*", ">", "a.b"}) {
    EXPECT_EQ(server.result(send_to(user, 1))["heard"], 0) << user;
    EXPECT_EQ(heard(seven).size(), 0u);
  }
}

TEST(inbox, where_the_namespace_lets_nobody_in_there_is_none) {
  with_inbox server;
  server.change([](live_settings& next) {
    namespace_rule closed;
    closed.patterns = {">"};
    next.access = access_rules({closed});
  });
  auto ann = server.comes("ann");
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated"}));
  EXPECT_FALSE(frames[1].contains("inbox"));
  EXPECT_EQ(server.result(send_to("ann", 1)),
            (json{{"connections", 0}, {"heard", 0}, {"kept", false}}));
  EXPECT_EQ(server.metrics.inbox.value(2), 1u);
}

TEST(inbox, events_of_services_for_a_user_wait_there_too) {
  with_inbox server;
  bridged event;
  event.to = bridge_target::user;
  event.name = "ann";
  event.type = "invoice";
  event.members = R"(,"data":7)";
  caf::anon_send(server.routes.users, std::move(event));
  server.run();
  auto ann = server.comes("ann");
  heard(ann);
  server.say(ann, {{"type", "history"}, {"topic", "user.ann"}});
  const auto kept = heard(ann)[0]["messages"];
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0]["type"], "invoice");
  EXPECT_EQ(kept[0]["data"], 7);
}

TEST(inbox, what_is_sent_to_a_role_is_as_it_was) {
  with_inbox server;
  auto ann = server.enter(person("ann", {"staff"}));
  ann->read();
  EXPECT_EQ(server.result(admin::send{admin::send::target::role, "staff", "1"}),
            (json{{"connections", 1}}));
  EXPECT_FALSE(heard(ann)[0].contains("topic"));
}

TEST(inbox, that_cannot_be_had_is_told) {
  with_inbox server({.bounds = {.topics_max = 1}});
  auto ann = server.comes("ann"), ben = server.comes("ben");
  const auto frames = heard(ben);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated", "error"}));
  EXPECT_EQ(frames[2]["code"], "limit_exceeded");
  EXPECT_EQ(frames[2]["topic"], "user.ben");
  EXPECT_FALSE(ben->leaving());
}

} // namespace troupe::test
