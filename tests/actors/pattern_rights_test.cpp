// Topics by a pattern: what it takes to listen by one, and who hears which topic.
#include "listening.hpp"

#include <gtest/gtest.h>

namespace troupe::test {

TEST(patterns, are_allowed_by_a_namespace_that_has_all_of_them) {
  listening server;
  server.change([](live_settings& next) {
    next.access = access_rules({space("orders.>", anyone, true), space("closed.>", anyone, false),
                                space("staff.>", staff, true)});
  });
  auto ann = server.comes("ann");
  const auto refused = [&](const char* pattern) {
    const auto got = server.subscribes(ann, {pattern});
    EXPECT_EQ(got["topic"], pattern);
    return got["code"];
  };
  EXPECT_EQ(server.subscribes(ann, {"orders.*"})["type"], "subscribed");
  EXPECT_EQ(server.subscribes(ann, {"orders.>", "orders.*.x"})["type"], "subscribed");
  for (const auto* pattern : {">", "*", "*.new", "closed.*", "staff.*"})
    EXPECT_EQ(refused(pattern), "insufficient_permissions") << pattern;
  EXPECT_EQ(server.subscribes(ann, {"orders.>", "staff.>"})["refused"][0]["topic"], "staff.>");
  auto sue = server.comes("sue staff");
  EXPECT_EQ(server.subscribes(sue, {"staff.*"})["type"], "subscribed");
}

TEST(patterns, each_topic_is_heard_by_those_who_may_subscribe_to_it) {
  listening server;
  server.change([](live_settings& next) {
    next.access = access_rules(
      {space("quiet.*", anyone, false), space("*.secret", staff, true), space(">", anyone, true)});
  });
  auto ann = server.comes("ann"), sue = server.comes("sue staff");
  for (auto* who : {&ann, &sue})
    ASSERT_EQ(server.subscribes(*who, {">"})["type"], "subscribed");
  for (const auto* topic : {"a.b", "a.secret", "quiet.x", "a.secret"})
    server.publish(topic);
  EXPECT_EQ(hears(ann), list{"a.b"});
  EXPECT_EQ(hears(sue), (list{"a.b", "a.secret", "a.secret"}))
    << "the first one's `patterns` counts";
  EXPECT_EQ(server.subscribes(ann, {"*.secret"})["code"], "insufficient_permissions")
    << "all of them are refused";
}

TEST(patterns, settings_and_tokens_that_change_are_heard_at_once) {
  listening server;
  const auto wide = space(">", anyone, true);
  server.change([&](live_settings& next) {
    next.access = access_rules({space("*.secret", staff, true), wide});
  });
  auto ann = server.comes("ann");
  server.subscribes(ann, {">"});
  server.publish("a.secret");
  EXPECT_EQ(hears(ann), list{});
  server.says(ann, {{"type", "refresh"}, {"token", "ann staff"}});
  server.publish("a.secret");
  EXPECT_EQ(hears(ann), list{"a.secret"});
  server.says(ann, {{"type", "refresh"}, {"token", "ann"}});
  server.publish("a.secret");
  EXPECT_EQ(hears(ann), list{});
  server.change([&](live_settings& next) { next.access = access_rules({wide}); });
  server.publish("a.secret");
  EXPECT_EQ(hears(ann), list{"a.secret"});
  server.change([&](live_settings& next) {
    next.access = access_rules({space("a.*", nobody, true), wide});
  });
  server.publish("a.secret");
  EXPECT_EQ(hears(ann), list{});
}

TEST(patterns, a_token_that_allows_one_no_more_takes_it_away) {
  listening server;
  server.change([](live_settings& next) {
    next.access = access_rules({space("{claim.tenant}.>", authenticated, true)});
  });
  auto ann = server.comes("ann tenant:acme"), eve = server.comes("eve tenant:umbra");
  EXPECT_EQ(server.subscribes(ann, {"acme.*"})["type"], "subscribed");
  for (const auto* pattern : {"acme.*", "acme.>", "*.x", "*.>", ">"})
    EXPECT_EQ(server.subscribes(eve, {pattern})["code"], "insufficient_permissions") << pattern;
  server.publish("acme.x");
  EXPECT_EQ(hears(ann), list{"acme.x"});
  const auto told = server.says(ann, {{"type", "refresh"}, {"token", "ann tenant:umbra"}});
  ASSERT_EQ(types(told), (list{"unsubscribed", "error", "authenticated"}));
  EXPECT_EQ(told[0]["topics"], json{"acme.*"});
  EXPECT_EQ(told[1]["topic"], "acme.*");
  server.publish("acme.x");
  EXPECT_EQ(hears(ann), list{});
  EXPECT_EQ(server.metrics.patterns, 0u);
}

// Whoever may hear all hears what is theirs.
TEST(patterns, a_users_own_topics_are_heard_by_no_other) {
  listening server;
  server.change([](live_settings& next) {
    next.access =
      access_rules({space("user.{user_id}", authenticated, true), space(">", anyone, true)});
  });
  auto ann = server.comes("ann"), guest = server.comes();
  for (auto* who : {&ann, &guest})
    ASSERT_EQ(server.subscribes(*who, {">", "user.*"})["type"], "subscribed");
  for (const auto* topic : {"user.ann", "user.bob", "news.x"})
    server.publish(topic);
  EXPECT_EQ(hears(ann), (list{"user.ann", "news.x"}));
  EXPECT_EQ(hears(guest), list{"news.x"});
}

TEST(patterns, a_permission_must_have_all_of_it) {
  listening server;
  server.change([](live_settings& next) {
    next.access = access_rules({space(">", grant{grant::to::nobody, {}, true}, true)});
  });
  auto ann = server.comes("ann may:subscribe:orders.* may:subscribe:{user_id}.>");
  EXPECT_EQ(server.subscribes(ann, {"orders.*"})["type"], "subscribed");
  for (const auto* pattern : {"orders.>", "*.*", "*.new", ">", "ann.*"})
    EXPECT_EQ(server.subscribes(ann, {pattern})["code"], "insufficient_permissions") << pattern;
}

} // namespace troupe::test
