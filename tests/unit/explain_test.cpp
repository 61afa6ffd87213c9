// `troupe check --explain`: the verdict is the server's, and the rule is the one that gave it.
#include "server/check_command.hpp"
#include "server/config/load_config.hpp"
#include "server/explain.hpp"

#include <gtest/gtest.h>

#include <sstream>

using namespace troupe;

namespace {

const std::string rules = R"([[namespace]]
match = "orders.>"
subscribe = ["role:staff", "permission"]
deny = "role:banned"
[[namespace]]
match = ["orders.*", "poll/*"]
subscribe = "authenticated"
join = "anyone"
[[rpc.allow]]
service = "orders"
method = "create"
roles = ["staff"]
[[rpc.allow]]
service = "orders"
method = "*"
[nats]
url = "nats://127.0.0.1:4222"
[auth]
secret = "sesame-of-32-bytes-or-a-few-more"
)";

std::string explained(const std::vector<std::string>& words, const std::string& text = rules) {
  const auto loaded = load_config_text(text, "f");
  if (!loaded.value)
    return to_string(loaded.errors.front());
  const auto told = explain(*loaded.value, loaded.origins, words);
  return told ? *told : "error: " + told.error();
}

} // namespace

TEST(explain, says_which_namespaces_decide_and_where_they_are) {
  EXPECT_EQ(explained({"user=u1", "roles=guest,staff", "subscribe=orders.new"}),
            "subscribe=orders.new: allowed to user \"u1\"\n"
            "  f:3:13: namespace[0].subscribe: allows role \"staff\"\n"
            "  f:7:13: namespace[1].subscribe: allows everybody with a token\n");
  EXPECT_EQ(explained({"user=u1", "permissions=subscribe:orders.*", "subscribe=orders.new"}),
            "subscribe=orders.new: allowed to user \"u1\"\n"
            "  f:3:13: namespace[0].subscribe: allows by permission \"subscribe:orders.*\"\n"
            "  f:7:13: namespace[1].subscribe: allows everybody with a token\n");
  EXPECT_EQ(explained({"user=u1", "roles=staff,banned", "subscribe=orders.a.b"}),
            "subscribe=orders.a.b: refused to user \"u1\"\n"
            "  f:4:8: namespace[0].deny: denies role \"banned\"\n");
  EXPECT_EQ(explained({"join=poll/lunch", "publish=poll/lunch", "join=elsewhere"}),
            "join=poll/lunch: allowed to an anonymous client\n"
            "  f:8:8: namespace[1].join: allows anyone\n"
            "publish=poll/lunch: refused to an anonymous client\n"
            "  f:5:1: namespace[1].publish: is left out: nobody may\n"
            "join=elsewhere: refused to an anonymous client\n"
            "  no [[namespace]] matches, and what none matches is closed\n");
}

TEST(explain, shows_the_placeholders_by_which_a_name_is_somebodys) {
  const std::string personal = "[[namespace]]\nmatch = [\"user.{user_id}\", \"{claim.tenant}.>\"]\n"
                               "subscribe = \"authenticated\"\njoin = \"role:x\"\n"
                               "[auth]\nsecret = \"sesame-of-32-bytes-or-a-few-more\"\n";
  EXPECT_EQ(explained({"user=auth0|7", "claim.tenant=acme", "subscribe=user.auth0:7C7",
                       "subscribe=acme.a.b", "subscribe=user.u2", "join=acme.a"},
                      personal),
            "subscribe=user.auth0:7C7: allowed to user \"auth0|7\"\n"
            "  f:3:13: namespace[0].subscribe: allows everybody with a token, by "
            "\"user.{user_id}\"\n"
            "subscribe=acme.a.b: allowed to user \"auth0|7\"\n"
            "  f:3:13: namespace[0].subscribe: allows everybody with a token, by "
            "\"{claim.tenant}.>\"\n"
            "subscribe=user.u2: refused to user \"auth0|7\"\n"
            "  f:2:9: namespace[0].match: \"user.{user_id}\" is not this name for this user\n"
            "join=acme.a: refused to user \"auth0|7\"\n"
            "  f:4:8: namespace[0].join: does not allow it to this user\n");
  EXPECT_EQ(explained({"subscribe=user.u2"}, personal),
            "subscribe=user.u2: refused to an anonymous client\n"
            "  f:2:9: namespace[0].match: \"user.{user_id}\" is not this name without a token\n");
}

// It is not about who asks: an admin is refused just so.
TEST(explain, says_that_nobody_may) {
  const std::string closed = "[[namespace]]\nmatch = \"a\"\npublish = \"nobody\"\n"
                             "subscribe = \"role:x\"\n"
                             "[auth]\nsecret = \"sesame-of-32-bytes-or-a-few-more\"\n";
  EXPECT_EQ(explained({"user=u1", "roles=admin", "join=a", "publish=a", "subscribe=a"}, closed),
            "join=a: refused to user \"u1\"\n"
            "  f:1:1: namespace[0].join: is left out: nobody may\n"
            "publish=a: refused to user \"u1\"\n"
            "  f:3:11: namespace[0].publish: allows nobody\n"
            "subscribe=a: refused to user \"u1\"\n"
            "  f:4:13: namespace[0].subscribe: does not allow it to this user\n");
  EXPECT_EQ(explained({"join=a", "subscribe=a"}, closed),
            "join=a: refused to an anonymous client\n"
            "  f:1:1: namespace[0].join: is left out: nobody may\n"
            "subscribe=a: refused to an anonymous client\n"
            "  f:4:13: namespace[0].subscribe: does not allow it without a token\n");
}

TEST(explain, says_which_rule_lets_a_service_be_called) {
  EXPECT_EQ(explained({"user=u1", "roles=staff", "rpc=orders.create"}),
            "rpc=orders.create: allowed to user \"u1\"\n"
            "  f:9:1: rpc.allow[0]: allows it\n"
            "  f:13:1: rpc.allow[1]: would allow it as well\n");
  EXPECT_EQ(explained({"rpc=orders.create", "rpc=pay.charge"}),
            "rpc=orders.create: refused to an anonymous client\n"
            "  f:9:1: rpc.allow[0]: does not allow it to this caller\n"
            "  f:13:1: rpc.allow[1]: does not allow it to this caller\n"
            "rpc=pay.charge: refused to an anonymous client\n"
            "  no [[rpc.allow]] is about it, and what none allows is refused\n");
}

TEST(explain, says_what_comes_before_any_rule) {
  EXPECT_EQ(explained({"subscribe=a"}, ""),
            "subscribe=a: allowed to an anonymous client\n"
            "  everything is open, because there is no [[namespace]]\n");
  EXPECT_EQ(explained({"subscribe=a"}, "[auth]\nrequired = true\n"),
            "subscribe=a: refused to an anonymous client\n"
            "  f:2:12: auth.required: lets nobody in without a token\n");
  EXPECT_EQ(explained({"rpc=orders.create", "user=u1"},
                      "[[rpc.allow]]\nservice = 'orders'\nmethod = '*'\n"
                      "[auth]\nsecret = 'sesame-of-32-bytes-or-a-few-more'\n"),
            "rpc=orders.create: refused to user \"u1\"\n"
            "  f:1:1: rpc.allow[0]: allows it\n"
            "  but there is no nats.url: calls are answered with unavailable\n");
}

TEST(explain, lets_nobody_be_a_user_where_nobody_can_prove_it) {
  for (const std::string text :
       {"", "[[namespace]]\nmatch = 'a'\njoin = ['authenticated', 'role:staff']\n"})
    EXPECT_EQ(explained({"user=u1", "roles=staff", "join=a"}, text),
              "join=a: refused to user \"u1\"\n"
              "  nobody can be a user, because auth has no secret, public_key_file or jwks_file\n");
}

TEST(explain, the_verdict_is_the_servers) {
  const auto loaded = load_config_text(rules, "f");
  ASSERT_TRUE(loaded.value);
  const access_rules access(loaded.value->namespaces);
  for (const auto* roles : {"", "staff", "banned", "staff,banned"})
    for (const auto* name : {"orders.new", "orders.a.b", "poll/lunch", "other"})
      for (std::size_t what = 0; what < std::size(action_names); ++what) {
        identity who{"u1", "u1", {}, {}, "", {}};
        std::istringstream all(roles);
        for (std::string role; std::getline(all, role, ',');)
          who.roles.push_back(role);
        const auto asked = std::string(action_names[what]) + '=' + name;
        const bool allowed = access.allow(static_cast<action>(what), name, &who);
        const auto said = explained({"user=u1", std::string("roles=") + roles, asked});
        EXPECT_EQ(said.starts_with(asked + ": allowed"), allowed) << said;
      }
}

TEST(explain, names_what_it_does_not_understand) {
  EXPECT_EQ(explained({"user=u1"}),
            "error: expected something to explain, such as subscribe=orders.new");
  EXPECT_EQ(explained({"roles=a", "join=r"}),
            "error: roles, permissions and claims: only a user has any, say user=ID");
  EXPECT_EQ(explained({"jion=r"}),
            "error: expected user, roles, permissions, claim.NAME, subscribe, publish, "
            "join, presence, history or rpc before =, got \"jion\"");
  EXPECT_EQ(explained({"subscribe=a..b"}),
            "error: subscribe: expected the name of a topic or room, got \"a..b\"");
  EXPECT_EQ(explained({"rpc=orders"}), "error: rpc: expected SERVICE.METHOD, got \"orders\"");
}

TEST(explain, is_a_part_of_check) {
  std::ostringstream out;
  check_command check{.sources = {.file = TROUPE_SOURCE_DIR "/docs/troupe.example.toml",
                                  .environment = {},
                                  .flags = {}},
                      .explain = {"join=lobby"}};
  EXPECT_EQ(run_check(check, out), exit_ok);
  EXPECT_EQ(out.str(), "join=lobby: allowed to an anonymous client\n"
                       "  everything is open, because there is no [[namespace]]\n");
  check.explain = {"lobby"};
  EXPECT_EQ(run_check(check, out), exit_usage);
}
