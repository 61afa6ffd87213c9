// Who a connection is by its token, and what namespaces let it do.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr grant anyone{grant::to::anyone, {}, false};

// A server in which a token is its bearer's name; `role:` and `may:` words behind it give more, and
// `for:60` lets it expire after so many seconds.
struct guarded_server : stage {
  guarded_server() {
    settings.expiry_grace = 5s;
    leeway = 30s;
    settings.verify = [this](std::string_view token) -> token_verdict {
      std::string word;
      std::istringstream words{std::string(token)};
      auto who = std::make_shared<identity>();
      if (!(words >> who->username))
        return fail(token_refusal{"no name"});
      who->user_id = "id-" + who->username;
      while (words >> word)
        if (word.starts_with("role:"))
          who->roles.push_back(word.substr(5));
        else if (word.starts_with("may:"))
          who->permissions.push_back(word.substr(4));
        else if (word.starts_with("for:"))
          who->expires = observers.now() + std::chrono::seconds(std::stoi(word.substr(4)));
      who->leeway = leeway;
      if (who->ended(observers.now()))
        return fail(token_refusal{"expired", true});
      return who;
    };
  }

  client enter(const std::string& token, const std::string& room = {}) {
    connection::opening asked;
    asked.room = room;
    if (!token.empty())
      asked.who = settings.verify(token).value();
    auto who = connect(std::move(asked));
    run();
    return who;
  }

  void say(client& who, const json& frame) {
    who->say(frame.dump());
    run();
  }

  std::chrono::milliseconds leeway;
};

TEST(identity, is_shown_after_the_connection_frame) {
  guarded_server server;
  auto ann = server.enter("ann role:admin role:staff");
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated"}));
  EXPECT_EQ(frames[1]["user"],
            (json{{"id", "id-ann"}, {"username", "ann"}, {"roles", {"admin", "staff"}}}));
}

TEST(identity, an_anonymous_connection_is_not_authenticated) {
  guarded_server server;
  auto guest = server.enter("");
  EXPECT_EQ(types(heard(guest)), list{"connection"});
}

TEST(identity, a_client_cannot_take_another_name_than_its_tokens) {
  guarded_server server;
  auto ann = server.enter("ann"), guest = server.enter("");
  server.say(guest, {{"type", "join"}, {"room", "r"}, {"user", "guest"}});
  server.say(ann, {{"type", "join"}, {"room", "r"}, {"user", "root"}});
  server.say(ann, {{"type", "message"}, {"message", "hi"}, {"user", "root"}});
  const auto frames = heard(guest);
  ASSERT_EQ(types(frames), (list{"connection", "joined", "user_joined", "message"}));
  EXPECT_EQ(frames[2]["user"], "ann");
  EXPECT_EQ(frames[3]["user"], "ann");
}

TEST(identity, a_token_within_the_leeway_is_good_for_all_of_it_and_the_grace) {
  guarded_server server;
  auto ann = server.enter("ann for:-11");
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"connection", "authenticated"}));
  EXPECT_EQ(frames[1]["expires_in"], 0);
  server.pass(23s);
  EXPECT_FALSE(ann->leaving()) << "19 seconds of leeway, and 5 of grace";
  server.pass(2s);
  EXPECT_TRUE(ann->leaving());
}

TEST(identity, is_told_how_long_its_token_has_whenever_it_brings_one) {
  guarded_server server;
  auto ann = server.enter("ann for:60");
  EXPECT_EQ(heard(ann)[1]["expires_in"], 60);
  server.say(ann, {{"type", "refresh"}, {"token", "ann for:600"}});
  EXPECT_EQ(heard(ann)[0]["expires_in"], 600);
  server.say(ann, {{"type", "refresh"}, {"token", "ann"}});
  EXPECT_FALSE(heard(ann)[0].contains("expires_in")) << "it never expires";
}

TEST(identity, ends_with_its_token_and_the_grace) {
  guarded_server server;
  server.leeway = 0s;
  auto ann = server.enter("ann for:60");
  heard(ann);
  server.pass(64s);
  EXPECT_FALSE(ann->gone());
  heard(ann);
  server.pass(2s);
  const auto frames = ann->read();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(json::parse(frames[0])["close_code"], 4401);
  EXPECT_EQ(json::parse(frames[0])["reconnect"], true);
  EXPECT_TRUE(frames[1].starts_with("<close 4401")) << frames[1];
}

TEST(identity, a_refreshed_token_keeps_the_connection) {
  guarded_server server;
  auto ann = server.enter("ann for:60");
  server.pass(30s);
  heard(ann);
  server.say(ann, {{"type", "refresh"}, {"token", "ann role:new for:600"}, {"id", 7}});
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), list{"authenticated"});
  EXPECT_EQ(frames[0]["id"], 7);
  EXPECT_EQ(frames[0]["user"]["roles"], json{"new"});
  for (int i = 0; i < 10; ++i) {
    server.pass(25s);
    ann->sign_of_life();
  }
  for (const auto& frame : heard(ann))
    EXPECT_EQ(frame["type"], "ping");
}

TEST(identity, a_refresh_cannot_change_the_user_and_a_bad_one_changes_nothing) {
  guarded_server server;
  auto ann = server.enter("ann");
  heard(ann);
  server.say(ann, {{"type", "refresh"}, {"token", "bob role:admin"}, {"id", 1}});
  server.say(ann, {{"type", "refresh"}, {"token", " "}, {"id", 2}});
  server.say(ann, {{"type", "refresh"}, {"id", 3}});
  server.say(ann, {{"type", "refresh"}, {"token", "ann for:-31"}, {"id", 4}});
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"error", "error", "error", "error"}));
  EXPECT_EQ(frames[0]["message"], "'token' is another user's");
  EXPECT_EQ(frames[1]["message"], "'token' is not valid");
  EXPECT_EQ(frames[3]["message"], "'token' has expired");
  EXPECT_EQ(ann->who()->username, "ann");
}

TEST(identity, a_refresh_can_name_who_was_anonymous) {
  guarded_server server;
  auto guest = server.enter("");
  heard(guest);
  server.say(guest, {{"type", "refresh"}, {"token", "ann"}});
  EXPECT_EQ(types(heard(guest)), list{"authenticated"});
  EXPECT_EQ(guest->who()->username, "ann");
}

TEST(identity, whoever_becomes_a_user_counts_as_one_and_takes_from_his_budget) {
  guarded_server server;
  const auto present = std::make_shared<int>();
  shared_gcra budget;
  server.settings.admit_user = [&](const std::string& user,
                                   gcra::time_point) -> std::optional<admission> {
    EXPECT_EQ(user, "id-ann");
    if (present.use_count() > 1)
      return std::nullopt;
    return admission{present, &budget};
  };
  server.change([](live_settings& next) {
    next.bounds.user_messages_per_minute = 1;
    next.bounds.user_messages_burst = 2;
  });
  const json become{{"type", "refresh"}, {"token", "ann"}};
  auto first = server.enter(""), second = server.enter("");
  heard(first), heard(second);
  server.say(first, become);
  EXPECT_EQ(types(heard(first)), list{"authenticated"});
  EXPECT_EQ(present.use_count(), 2);
  server.say(first, become);
  server.say(first, {{"type", "ping"}});
  server.say(first, {{"type", "ping"}});
  EXPECT_EQ(types(heard(first)), (list{"authenticated", "pong", "error"}));
  EXPECT_EQ(present.use_count(), 2) << "a second token of the same user is no second connection";

  server.say(second, become);
  const auto refused = heard(second);
  ASSERT_EQ(types(refused), list{"error"});
  EXPECT_EQ(refused[0]["code"], "limit_exceeded");
  EXPECT_EQ(second->who(), nullptr) << "it stays what it was";
  server.say(second, {{"type", "ping"}});
  EXPECT_EQ(types(heard(second)), list{"pong"}) << "with a budget of its own";

  first->vanish();
  server.run();
  first.reset();
  server.run();
  server.say(second, become);
  EXPECT_EQ(types(heard(second)), list{"authenticated"});
}

TEST(identity, a_refresh_drops_what_is_no_longer_allowed) {
  guarded_server server;
  namespace_rule orders;
  orders.patterns = {"orders.>"};
  orders.grants[int(action::subscribe)] = {grant::to::nobody, {"staff"}, false};
  namespace_rule others;
  others.patterns = {"open.>"};
  others.grants[int(action::subscribe)] = others.grants[int(action::publish)] = anyone;
  others.grants[int(action::join)] = {grant::to::nobody, {"staff"}, false};
  server.change([&](live_settings& next) { next.access = access_rules({orders, others}); });
  auto ann = server.enter("ann role:staff");
  server.say(ann, {{"type", "subscribe"}, {"topics", {"orders.new", "open.news"}}});
  server.say(ann, {{"type", "join"}, {"room", "open.room"}});
  ASSERT_EQ(types(heard(ann)), (list{"connection", "authenticated", "subscribed", "joined"}));
  server.say(ann, {{"type", "refresh"}, {"token", "ann"}});
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"left", "error", "unsubscribed", "error", "authenticated"}));
  EXPECT_EQ(frames[0]["room"], "open.room");
  EXPECT_EQ(frames[2]["topics"], json{"orders.new"});
  EXPECT_EQ(frames[3]["code"], "insufficient_permissions");
  auto publisher = server.enter("");
  server.say(publisher, {{"type", "publish"}, {"topic", "open.news"}, {"data", 1}});
  EXPECT_EQ(types(heard(ann)), list{"publication"});
}

struct namespaces : testing::Test {
  namespaces() {
    namespace_rule open;
    open.patterns = {"open.>"};
    open.grants[int(action::subscribe)] = open.grants[int(action::join)] = anyone;
    open.grants[int(action::publish)] = {grant::to::authenticated, {}, false};
    open.message_bytes_max = 20;
    open.members_max = 1;
    server.change([&](live_settings& next) { next.access = access_rules({open}); });
  }

  list answers(client& who, const json& frame) {
    heard(who);
    server.say(who, frame);
    return types(heard(who));
  }

  guarded_server server;
};

TEST_F(namespaces, what_none_matches_is_closed) {
  auto ann = server.enter("ann");
  heard(ann);
  server.say(ann, {{"type", "subscribe"}, {"topic", "secret"}, {"id", 1}});
  server.say(ann, {{"type", "publish"}, {"topic", "secret"}, {"data", 1}, {"id", 2}});
  server.say(ann, {{"type", "join"}, {"room", "secret"}, {"id", 3}});
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"error", "error", "error"}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(frames[std::size_t(i)]["code"], "insufficient_permissions");
    EXPECT_EQ(frames[std::size_t(i)]["message"],
              "Insufficient permissions: no namespace matches this name");
    EXPECT_EQ(frames[std::size_t(i)]["id"], i + 1);
  }
}

TEST_F(namespaces, of_several_topics_the_allowed_are_subscribed) {
  auto ann = server.enter("ann");
  heard(ann);
  server.say(ann, {{"type", "subscribe"}, {"topics", {"secret", "open.a"}}});
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), (list{"subscribed"}));
  EXPECT_EQ(frames[0]["topics"], json{"open.a"});
  EXPECT_EQ(frames[0]["refused"][0]["topic"], "secret");
  EXPECT_EQ(frames[0]["refused"][0]["code"], "insufficient_permissions");
}

TEST_F(namespaces, to_listen_is_not_to_speak) {
  auto guest = server.enter(""), ann = server.enter("ann");
  EXPECT_EQ(answers(guest, {{"type", "subscribe"}, {"topic", "open.a"}}), list{"subscribed"});
  EXPECT_EQ(answers(guest, {{"type", "publish"}, {"topic", "open.a"}, {"data", 1}}), list{"error"});
  EXPECT_EQ(answers(ann, {{"type", "publish"}, {"topic", "open.a"}, {"data", 1}}),
            list{"published"});
  EXPECT_EQ(answers(guest, {{"type", "join"}, {"room", "open.r"}}), list{"joined"});
  EXPECT_EQ(answers(guest, {{"type", "message"}, {"message", "psst"}}), list{"error"});
}

TEST_F(namespaces, bound_messages_and_rooms) {
  auto ann = server.enter("ann"), bob = server.enter("bob");
  heard(ann);
  server.say(ann, {{"type", "publish"}, {"topic", "open.a"}, {"data", std::string(19, 'x')}});
  const auto frames = heard(ann);
  ASSERT_EQ(types(frames), list{"error"});
  EXPECT_EQ(frames[0]["code"], "limit_exceeded");
  EXPECT_EQ(
    answers(ann, {{"type", "publish"}, {"topic", "open.a"}, {"data", std::string(18, 'x')}}),
    list{"published"});
  EXPECT_EQ(answers(ann, {{"type", "join"}, {"room", "open.r"}}), list{"joined"});
  EXPECT_EQ(answers(bob, {{"type", "join"}, {"room", "open.r"}}), list{"error"});
}

TEST_F(namespaces, a_closed_room_cannot_be_entered_by_its_path) {
  auto ann = server.enter("ann", "secret");
  const auto frames = heard(ann);
  EXPECT_EQ(types(frames), (list{"connection", "authenticated", "error", "disconnect"}));
  EXPECT_EQ(frames.back()["close_code"], 1008);
}

TEST_F(namespaces, who_may_not_enter_and_does_not_close_is_not_waited_for_long) {
  auto ann = server.enter("ann", "secret");
  server.pass(server.bounds().close_timeout + 100ms);
  EXPECT_TRUE(ann->gone());
}

} // namespace
} // namespace troupe::test
