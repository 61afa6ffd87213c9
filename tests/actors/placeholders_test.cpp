// Names that are one user's, by a placeholder of a namespace: what a client is told who asks for
// another's, and what becomes of its own when it brings another token.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using nlohmann::json;

// A token is `USER TENANT`, or `USER` alone.
struct personal : stage {
  personal() {
    settings.verify = [](std::string_view token) -> token_verdict {
      auto who = std::make_shared<identity>();
      const auto blank = std::min(token.find(' '), token.size());
      who->user_id = who->username = token.substr(0, blank);
      if (blank < token.size())
        who->claims.emplace_back("tenant", token.substr(blank + 1));
      return who;
    };
    change([](live_settings& next) {
      auto open = open_to_all(">");
      next.access =
        access_rules({open_to_all("user.{user_id}"), open_to_all("{claim.tenant}.x"), open});
    });
  }

  client enter(const std::string& token) {
    connection::opening asked;
    if (!token.empty())
      asked.who = settings.verify(token).value();
    auto who = connect(std::move(asked));
    run();
    who->read();
    return who;
  }
  json says(client& who, const json& frame) {
    who->say(frame.dump());
    run();
    const auto frames = heard(who);
    return frames.empty() ? json() : frames.front();
  }
};

TEST(placeholders, somebody_elses_topic_and_room_are_refused_however_one_asks) {
  personal server;
  auto ann = server.enter("ann"), guest = server.enter("");
  for (auto* who : {&ann, &guest}) {
    for (const json& frame : {json{{"type", "subscribe"}, {"topic", "user.bob"}},
                              json{{"type", "publish"}, {"topic", "user.bob"}, {"data", 1}},
                              json{{"type", "history"}, {"topic", "user.bob"}},
                              json{{"type", "history"}, {"room", "user.bob"}},
                              json{{"type", "join"}, {"room", "user.bob"}}})
      EXPECT_EQ(server.says(*who, frame)["code"], "insufficient_permissions") << frame;
    const auto some =
      server.says(*who, {{"type", "subscribe"}, {"topics", {"user.bob", "news", "acme.x"}}});
    EXPECT_EQ(some["topics"], json{"news"});
    EXPECT_EQ(some["refused"].size(), 2u);
  }
  auto bob = server.enter("bob");
  EXPECT_EQ(server.says(bob, {{"type", "subscribe"}, {"topic", "user.bob"}})["type"], "subscribed");
}

TEST(placeholders, what_another_token_makes_another_users_is_taken_away) {
  personal server;
  auto ann = server.enter("ann acme");
  EXPECT_EQ(server.says(ann, {{"type", "subscribe"}, {"topic", "acme.x"}})["type"], "subscribed");
  EXPECT_EQ(server.says(ann, {{"type", "subscribe"}, {"topic", "umbra.x"}})["code"],
            "insufficient_permissions");
  ann->say(json{{"type", "refresh"}, {"token", "ann umbra"}}.dump());
  server.run();
  EXPECT_EQ(types(heard(ann)), (list{"unsubscribed", "error", "authenticated"}));
  EXPECT_EQ(server.says(ann, {{"type", "subscribe"}, {"topic", "umbra.x"}})["type"], "subscribed");
}

TEST(placeholders, an_id_with_other_signs_has_a_name_of_its_own) {
  personal server;
  auto seven = server.enter("auth0|7");
  EXPECT_EQ(server.says(seven, {{"type", "subscribe"}, {"topic", "user.auth0:7C7"}})["type"],
            "subscribed");
  for (const auto* id : {"*", ">", "auth0|7.x", "auth0:7C7"}) {
    auto crooked = server.enter(id);
    EXPECT_EQ(server.says(crooked, {{"type", "subscribe"}, {"topic", "user.auth0:7C7"}})["code"],
              "insufficient_permissions")
      << id;
  }
}

} // namespace
} // namespace troupe::test
