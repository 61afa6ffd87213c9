// The inbox of a configuration: its pattern, the names it has, and what `check` says of it.
#include "server/config/access_of.hpp"
#include "server/config/exposure.hpp"
#include "server/config/load_config.hpp"
#include "server/explain.hpp"
#include "troupe/inbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace troupe;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const std::string tokens = "[auth]\nsecret = \"sesame-of-32-bytes-or-a-few-more\"\n";
const std::string inbox = "[server]\ninbox = \"user.{user_id}\"\n";

config loaded(const std::string& text) {
  const auto result = load_config_text(text, "f");
  for (const auto& error : result.errors)
    ADD_FAILURE() << to_string(error);
  return result.value.value_or(config{});
}

std::string error_of(const std::string& text) {
  const auto result = load_config_text(text, "f");
  return result.errors.empty() ? "" : to_string(result.errors.front());
}

std::vector<std::string> about_inbox(const std::string& text) {
  auto all = exposure_warnings(loaded(text));
  std::erase_if(all, [](const std::string& each) { return !each.starts_with("server.inbox"); });
  return all;
}

} // namespace

TEST(inbox_pattern, is_a_name_with_the_id_as_one_part) {
  for (const auto* pattern : {"user.{user_id}", "{user_id}.in", "a.{user_id}.b"})
    EXPECT_TRUE(valid_inbox_pattern(pattern)) << pattern;
  for (const auto* pattern :
       {"", "user", "{user_id}", "user.*", "user.{user_id}.*", "{user_id}.>", "{claim.x}",
        "{user_id}.{user_id}", "{user_id}.{claim.x}", "{claim.x}.{user_id}", "user.{user_id",
        "x{user_id}", "user..{user_id}"})
    EXPECT_FALSE(valid_inbox_pattern(pattern)) << pattern;
}

TEST(inbox_pattern, has_one_name_for_each_user_who_can_have_one) {
  EXPECT_EQ(inbox_of("user.{user_id}", "auth0|7"), "user.auth0:7C7");
  EXPECT_EQ(inbox_of("a.{user_id}.b", "x.*"), "a.x:2E:2A.b");
  EXPECT_EQ(inbox_of("", "ann"), "");
  EXPECT_EQ(inbox_of("user.{user_id}", ""), "");
  EXPECT_EQ(inbox_of("user.{user_id}", std::string(123, 'u')).size(), 128u);
  EXPECT_EQ(inbox_of("user.{user_id}", std::string(124, 'u')), "");
  EXPECT_EQ(inbox_of("user.{user_id}", std::string(100'000, '\0')), "");
}

TEST(inbox_config, takes_nothing_but_such_a_pattern) {
  EXPECT_EQ(loaded(inbox).server.inbox, "user.{user_id}");
  EXPECT_EQ(loaded("").server.inbox, "");
  EXPECT_THAT(error_of("[server]\ninbox = \"user.*\""),
              HasSubstr("server.inbox: expected a name of several parts of which one is {user_id}, "
                        "such as \"user.{user_id}\", or nothing, got \"user.*\""));
  EXPECT_THAT(error_of("[server]\ninbox = \"{user_id}\""), HasSubstr("got \"{user_id}\""))
    << "every name of one part would be somebody's";
}

TEST(inbox_config, makes_a_namespace_unless_there_is_one) {
  const auto open = access_of(loaded(inbox));
  identity ann, bob;
  ann.user_id = "ann";
  bob.user_id = "bob";
  EXPECT_TRUE(open.allow(action::subscribe, "user.ann", &ann));
  EXPECT_TRUE(open.allow(action::history, "user.ann", &ann));
  EXPECT_FALSE(open.allow(action::publish, "user.ann", &ann));
  EXPECT_FALSE(open.allow(action::subscribe, "user.ann", &bob));
  EXPECT_FALSE(open.allow(action::subscribe, "user.ann", nullptr));
  EXPECT_TRUE(open.allow(action::join, "lobby", nullptr)) << "all else is as open as it was";
  EXPECT_EQ(open.of("user.ann")->history_messages, 100u);
  const auto closed = access_of(loaded(inbox + "[[namespace]]\nmatch = 'a'\njoin = 'anyone'\n"));
  EXPECT_TRUE(closed.allow(action::subscribe, "user.ann", &ann));
  EXPECT_FALSE(closed.allow(action::join, "lobby", nullptr));
  const auto own = access_of(
    loaded(inbox + "[[namespace]]\nmatch = ['user.{user_id}', 'b']\nsubscribe = 'role:x'\n"));
  EXPECT_FALSE(own.allow(action::subscribe, "user.ann", &ann));
  EXPECT_EQ(own.namespaces().size(), 1u);
}

TEST(inbox_config, that_makes_no_sense_is_told) {
  EXPECT_THAT(about_inbox(inbox + tokens), IsEmpty());
  EXPECT_THAT(about_inbox(inbox), ElementsAre(HasSubstr("without effect, because auth has no ")));
  EXPECT_THAT(about_inbox(inbox + tokens + "[[namespace]]\nmatch = '>'\njoin = 'anyone'\n"),
              ElementsAre("server.inbox \"user.{user_id}\": without effect, because no "
                          "[[namespace]] lets anybody subscribe to it"));
  const std::string own =
    inbox + tokens + "[[namespace]]\nmatch = 'user.{user_id}'\nsubscribe = 'authenticated'\n";
  EXPECT_THAT(about_inbox(own),
              ElementsAre("server.inbox \"user.{user_id}\": what is sent to a user who is away is "
                          "lost, because its [[namespace]] keeps no history"));
  EXPECT_THAT(about_inbox(own + "history_messages = 10\nhistory_seconds = 60\n"), IsEmpty());
}

TEST(inbox_config, is_explained) {
  const auto result = load_config_text(inbox + tokens + "[[namespace]]\nmatch = 'a'\n", "f");
  ASSERT_TRUE(result.value);
  const auto told = explain(*result.value, result.origins,
                            {"user=ann", "subscribe=user.ann", "subscribe=user.bob", "join=a"});
  ASSERT_TRUE(told);
  EXPECT_EQ(*told, "subscribe=user.ann: allowed to user \"ann\"\n"
                   "  f:2:9: server.inbox: allows everybody with a token\n"
                   "subscribe=user.bob: refused to user \"ann\"\n"
                   "  f:2:9: server.inbox: \"user.{user_id}\" is not this name for this user\n"
                   "join=a: refused to user \"ann\"\n"
                   "  f:5:1: namespace[0].join: is left out: nobody may\n");
}
