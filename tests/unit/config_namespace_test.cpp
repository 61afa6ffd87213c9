// The `[[namespace]]` tables of a configuration, and what a configuration leaves open.
#include "server/check_command.hpp"
#include "server/config/exposure.hpp"
#include "tests/unit/config_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace troupe;
using namespace troupe::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

const grant& granted(const namespace_rule& space, action what) {
  return space.grants[static_cast<std::size_t>(what)];
}

class refused_namespace : public testing::TestWithParam<refusal> {};

const std::string pattern =
  "expected a pattern such as \"orders.*\", \"orders.>\" or \"user.{user_id}\", or a list of "
  "patterns, got ";
const std::string grantee = "expected \"nobody\", \"anyone\", \"authenticated\", \"role:NAME\" or "
                            "\"permission\", or a list of the last three, got ";
const std::string role = "expected \"role:NAME\", or a list of these, got ";

} // namespace

TEST(config_namespace, no_table_no_namespaces) {
  EXPECT_THAT(loaded("").namespaces, IsEmpty());
  EXPECT_THAT(loaded("namespace = []").namespaces, IsEmpty());
}

TEST(config_namespace, a_table_with_every_key) {
  const auto made = loaded(R"(
[[namespace]]
match = "orders.>"
subscribe = "authenticated"
publish = ["role:admin", "permission"]
join = "anyone"
presence = ["permission"]
history = ["authenticated", "role:Old Hands"]
deny = ["role:guest", "role:x"]
message_bytes_max = 4096
members_max = 500
messages_per_minute = 60
slow_consumer = "drop_oldest"
presence_mode = "count"
presence_linger_seconds = 2.5
joins_told_max = 0
[server]
name = "after"
[[namespace]]
match = ["a", "*.b", ">"]
subscribe = "nobody"
publish = "role:one"
join = "permission"
history = []
deny = "role:y"
slow_consumer = "latest_only"
)");
  ASSERT_EQ(made.namespaces.size(), 2u);
  EXPECT_EQ(made.server.name, "after");
  const auto& first = made.namespaces[0];
  EXPECT_THAT(first.patterns, ElementsAre("orders.>"));
  EXPECT_EQ(granted(first, action::subscribe).general, grant::to::authenticated);
  EXPECT_EQ(granted(first, action::publish).general, grant::to::nobody);
  EXPECT_THAT(granted(first, action::publish).roles, ElementsAre("admin"));
  EXPECT_TRUE(granted(first, action::publish).by_permission);
  EXPECT_EQ(granted(first, action::join).general, grant::to::anyone);
  EXPECT_TRUE(granted(first, action::presence).by_permission);
  EXPECT_EQ(granted(first, action::history).general, grant::to::authenticated);
  EXPECT_THAT(granted(first, action::history).roles, ElementsAre("Old Hands"));
  EXPECT_THAT(first.denied_roles, ElementsAre("guest", "x"));
  EXPECT_EQ(first.message_bytes_max, 4096u);
  EXPECT_EQ(first.members_max, 500u);
  EXPECT_EQ(first.messages_per_minute, 60u);
  EXPECT_EQ(first.slow, slow_consumer::drop_oldest);
  EXPECT_EQ(first.presence, presence_mode::count);
  EXPECT_EQ(first.presence_linger, std::chrono::milliseconds(2500));
  EXPECT_EQ(first.joins_told_max, 0u);
  const auto& second = made.namespaces[1];
  EXPECT_THAT(second.patterns, ElementsAre("a", "*.b", ">"));
  EXPECT_THAT(granted(second, action::publish).roles, ElementsAre("one"));
  EXPECT_FALSE(granted(second, action::publish).by_permission);
  EXPECT_TRUE(granted(second, action::join).by_permission);
  for (const auto what : {action::subscribe, action::presence, action::history}) {
    EXPECT_EQ(granted(second, what).general, grant::to::nobody);
    EXPECT_THAT(granted(second, what).roles, IsEmpty());
    EXPECT_FALSE(granted(second, what).by_permission);
  }
  EXPECT_THAT(second.denied_roles, ElementsAre("y"));
  EXPECT_EQ(second.slow, slow_consumer::latest_only);
}

TEST(config_namespace, what_is_left_out_is_closed_and_unbounded) {
  const auto made = loaded("[[namespace]]\nmatch = 'a'\n");
  ASSERT_EQ(made.namespaces.size(), 1u);
  const auto& space = made.namespaces[0];
  for (const auto& given : space.grants) {
    EXPECT_EQ(given.general, grant::to::nobody);
    EXPECT_THAT(given.roles, IsEmpty());
    EXPECT_FALSE(given.by_permission);
  }
  EXPECT_EQ(space.message_bytes_max, 0u);
  EXPECT_EQ(space.presence, std::nullopt);
  EXPECT_EQ(space.presence_linger, std::nullopt);
  EXPECT_EQ(space.joins_told_max, std::nullopt);
  EXPECT_EQ(space.members_max, 0u);
  EXPECT_EQ(space.slow, slow_consumer::close);
}

TEST_P(refused_namespace, says_where_and_what_was_expected) {
  EXPECT_EQ(errors_of(GetParam().text), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
  shape, refused_namespace,
  testing::Values(
    refusal{"[namespace]\nmatch = 'a'",
            "f:1:1: namespace: expected tables that begin with [[namespace]], got a table\n"},
    refusal{"namespace = 'a'",
            "f:1:13: namespace: expected tables that begin with [[namespace]], got a string of 1 "
            "byte\n"},
    refusal{"namespace = [1]", "f:1:14: namespace[0]: expected a table, got an integer\n"},
    refusal{"[[namespace]]\nmatch = 'a'\n[[namespace]]\njoin = 'anyone'",
            "f:3:1: namespace[1].match: " + pattern + "nothing\n"},
    refusal{"[[namespace]]\nmatch = 'a'\nsubscrib = 'anyone'",
            "f:3:1: namespace[0].subscrib: unknown key, did you mean \"subscribe\"?\n"},
    refusal{"[[namespaces]]\nmatch = 'a'",
            "f:1:3: namespaces: unknown key outside of a section\n"}));

INSTANTIATE_TEST_SUITE_P(
  values, refused_namespace,
  testing::Values(
    refusal{"[[namespace]]\nmatch = ''", "f:2:9: namespace[0].match: " + pattern + "\"\"\n"},
    refusal{"[[namespace]]\nmatch = []",
            "f:2:9: namespace[0].match: " + pattern + "an empty list\n"},
    refusal{"[[namespace]]\nmatch = 'user.{userid}'",
            "f:2:9: namespace[0].match: " + pattern + "\"user.{userid}\"\n"},
    refusal{"[[namespace]]\nmatch = 7", "f:2:9: namespace[0].match: " + pattern + "7\n"},
    refusal{"[[namespace]]\nmatch = ['a',\n 'b.>.c']",
            "f:3:2: namespace[0].match: " + pattern + "\"b.>.c\"\n"},
    refusal{"[[namespace]]\nmatch = ['a', ['b']]",
            "f:2:15: namespace[0].match: " + pattern + "a list\n"},
    refusal{"[[namespace]]\nmatch = \"a\\u001b[2J\\n\"",
            "f:2:9: namespace[0].match: " + pattern + "\"a\\x1b[2J\\n\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = 'everyone'",
            "f:3:8: namespace[0].join: " + grantee + "\"everyone\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = 'Anyone'",
            "f:3:8: namespace[0].join: " + grantee + "\"Anyone\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = true",
            "f:3:8: namespace[0].join: " + grantee + "true\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = 'role:'",
            "f:3:8: namespace[0].join: " + grantee + "\"role:\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = \"role:a\\tb\"",
            "f:3:8: namespace[0].join: " + grantee + "\"role:a\\tb\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = ['role:x', 'nobody']",
            "f:3:19: namespace[0].join: " + grantee + "\"nobody\" in a list\n"},
    refusal{"[[namespace]]\nmatch = 'a'\njoin = ['anyone', 'role:x']",
            "f:3:9: namespace[0].join: " + grantee + "\"anyone\" in a list\n"},
    refusal{"[[namespace]]\nmatch = 'a'\ndeny = 'guest'",
            "f:3:8: namespace[0].deny: " + role + "\"guest\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\ndeny = ['role:x', 'anyone']",
            "f:3:19: namespace[0].deny: " + role + "\"anyone\"\n"},
    refusal{"[[namespace]]\nmatch = 'a'\nmembers_max = 0",
            "f:3:15: namespace[0].members_max: expected an integer from 1 to 10000000, got 0\n"},
    refusal{"[[namespace]]\nmatch = 'a'\nmessage_bytes_max = 16777217",
            "f:3:21: namespace[0].message_bytes_max: expected an integer from 1 to 16777216, got "
            "16777217\n"},
    refusal{"[[namespace]]\nmatch = 'a'\nslow_consumer = 'drop'",
            "f:3:17: namespace[0].slow_consumer: expected one of close, drop_oldest or "
            "latest_only, got \"drop\"\n"}));

TEST(config_namespace, errors_come_in_the_order_of_the_file) {
  EXPECT_EQ(errors_of("[[namespace]]\nmatch = 'a.'\n[server]\nport = -1\n[[namespace]]\n"
                      "members_max = 0\nmatch = 'a'\n"),
            "f:2:9: namespace[0].match: " + pattern +
              "\"a.\"\n"
              "f:4:8: server.port: expected an integer from 0 to 65535, got -1\n"
              "f:6:15: namespace[1].members_max: expected an integer from 1 to 10000000, got 0\n");
}

TEST(config_namespace, there_is_a_bound_on_tables_and_lists) {
  std::string tables, list = "[[namespace]]\nmatch = [";
  for (int i = 0; i < 1001; ++i) {
    tables += "[[namespace]]\nmatch = 'a'\n";
    list += "'a',\n";
  }
  EXPECT_THAT(errors_of(tables), HasSubstr("expected at most 1000 tables, got 1001"));
  EXPECT_THAT(errors_of(list + "]"), HasSubstr("got a list of 1001"));
}

TEST(exposure, the_default_is_open_and_said_loudly) {
  const auto warnings = exposure_warnings(config{});
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_THAT(warnings[0], HasSubstr("everything is open: EVERYBODY who reaches the port"));
  EXPECT_THAT(warnings[1], HasSubstr("auth has no secret"));
}

TEST(exposure, a_namespace_that_is_open_to_anyone_is_named_with_its_verbs) {
  auto settings = loaded("[[namespace]]\nmatch = 'a.*'\njoin = 'anyone'\npublish = 'anyone'\n"
                         "[[namespace]]\nmatch = 'b.*'\njoin = 'nobody'\n"
                         "[[namespace]]\nmatch = ['c', 'd']\nhistory = 'anyone'\n");
  settings.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(settings),
              ElementsAre("namespace[0] \"a.*\" is open to anyone: publish, join",
                          "namespace[2] \"c\" and others is open to anyone: history"));
}

TEST(exposure, where_tokens_are_required_anyone_is_somebody) {
  auto settings = loaded("[[namespace]]\nmatch = '>'\njoin = 'anyone'\n");
  settings.auth.public_key_file = "key.pem";
  settings.auth.required = true;
  EXPECT_THAT(exposure_warnings(settings), IsEmpty());
  settings.namespaces.clear();
  const auto warnings = exposure_warnings(settings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("everything is open: everybody with a valid token"));
}

TEST(exposure, a_right_to_see_who_is_there_where_nothing_is_to_be_seen_is_told) {
  auto settings =
    loaded("[[namespace]]\nmatch = 'a'\npresence = 'anyone'\n"
           "[[namespace]]\nmatch = 'b'\npresence = 'anyone'\npresence_mode = 'off'\n");
  const auto text = "namespace[1] \"b\": presence is without effect, because its presence_mode is "
                    "\"off\"";
  EXPECT_THAT(exposure_warnings(settings), Contains(text));
  settings.namespaces[1].presence = presence_mode::count;
  EXPECT_THAT(exposure_warnings(settings), Not(Contains(text)));
}

TEST(exposure, messages_that_are_to_be_kept_for_no_time_are_told) {
  auto settings = loaded("[[namespace]]\nmatch = 'a'\nsubscribe = 'anyone'\njoin = 'anyone'\n"
                         "history_messages = 10\n");
  const auto said_of = [&](const std::string& what) {
    return Contains(HasSubstr("history_messages is without effect on its " + what));
  };
  EXPECT_THAT(exposure_warnings(settings), said_of("topics"));
  EXPECT_THAT(exposure_warnings(settings), Not(said_of("rooms"))) << "theirs are, by default";
  settings.defaults.room_history = {};
  EXPECT_THAT(exposure_warnings(settings), said_of("rooms"));
  settings.namespaces[0].history_age = std::chrono::minutes(1);
  EXPECT_THAT(exposure_warnings(settings), Not(said_of("topics")));
  settings.namespaces[0].history_age.reset();
  settings.namespaces[0].grants[static_cast<std::size_t>(action::subscribe)] = {};
  EXPECT_THAT(exposure_warnings(settings), Not(said_of("topics"))) << "nobody listens to any";
}

TEST(exposure, a_greeting_of_nothing_is_told) {
  const auto said = Contains(HasSubstr("greet is without effect, because nothing is kept"));
  const std::string space = "[[namespace]]\nmatch = 'a'\ngreet = 10\nsubscribe = 'anyone'\n";
  EXPECT_THAT(exposure_warnings(loaded(space)), said);
  EXPECT_THAT(exposure_warnings(loaded(space + "join = 'anyone'\n")), Not(said));
  EXPECT_THAT(exposure_warnings(loaded(space + "history_messages = 5\nhistory_seconds = 60\n")),
              Not(said));
}

TEST(exposure, a_greeting_for_those_who_may_not_ask_for_the_past_is_told) {
  const auto said = Contains(HasSubstr("greet gives the last messages to all who come"));
  const std::string space = "[[namespace]]\nmatch = 'a'\ngreet = 10\njoin = 'anyone'\n";
  EXPECT_THAT(exposure_warnings(loaded(space)), said);
  EXPECT_THAT(exposure_warnings(loaded(space + "history = 'anyone'\n")), Not(said));
  EXPECT_THAT(exposure_warnings(loaded(space + "history_seconds = 0\n")), Not(said));
}

TEST(exposure, half_of_what_keeps_messages_is_told) {
  const auto warnings = [](const std::string& text) { return exposure_warnings(loaded(text)); };
  const auto messages =
    Contains("defaults.topic_history_messages: without effect, because they are "
             "kept for 0 seconds: set defaults.topic_history_seconds");
  const auto seconds = Contains(HasSubstr("defaults.topic_history_seconds: without effect"));
  const auto rooms = Contains(HasSubstr("defaults.room_history_"));
  const std::string many = "[defaults]\ntopic_history_messages = 10\n";
  EXPECT_THAT(warnings(many), messages);
  EXPECT_THAT(warnings(many + "topic_history_seconds = 60\n"), Not(messages));
  EXPECT_THAT(warnings(many + "[[namespace]]\nmatch = 'a'\nhistory_seconds = 60\n"), Not(messages));
  EXPECT_THAT(warnings("[defaults]\ntopic_history_seconds = 60\n"), seconds);
  EXPECT_THAT(warnings("[defaults]\nroom_history_seconds = 0\n"), Not(rooms)) << "switched off";
  EXPECT_THAT(warnings("[defaults]\nroom_history_messages = 0\n"), Not(rooms));
  EXPECT_THAT(warnings("[defaults]\nroom_history_messages = 7\nroom_history_seconds = 0\n"), rooms);
}

TEST(exposure, what_nobody_can_have_without_tokens_is_told) {
  auto settings = loaded("[[namespace]]\nmatch = 'a'\njoin = 'role:x'\n"
                         "[[namespace]]\nmatch = 'b'\njoin = 'nobody'\n");
  const auto warnings = exposure_warnings(settings);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_THAT(warnings[0], HasSubstr("nobody can prove who they are"));
  EXPECT_THAT(warnings[1], HasSubstr("namespace[0] \"a\" grants something to roles"));
  settings.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(settings), IsEmpty());
}

TEST(exposure, patterns_that_nobody_can_subscribe_by_are_told) {
  auto settings = loaded("[[namespace]]\nmatch = 'a.>'\npatterns = true\njoin = 'role:x'\n"
                         "[[namespace]]\nmatch = 'b.>'\npatterns = true\nsubscribe = 'role:x'\n");
  EXPECT_TRUE(settings.namespaces[0].by_pattern);
  settings.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(settings),
              ElementsAre("namespace[0] \"a.>\": patterns is without effect, because nobody may "
                          "subscribe"));
}

TEST(exposure, a_users_own_names_are_open_to_nobody_else) {
  auto settings = loaded("[[namespace]]\nmatch = 'user.{user_id}'\nsubscribe = 'anyone'\n"
                         "[[namespace]]\nmatch = ['t.{claim.x}', 'open']\njoin = 'anyone'\n");
  EXPECT_THAT(
    exposure_warnings(settings),
    testing::IsSupersetOf({"namespace[0] \"user.{user_id}\" has names of users: without "
                           "tokens nobody is the user of any",
                           "namespace[1] \"t.{claim.x}\" and others is open to anyone: join"}));
  settings.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(settings),
              ElementsAre("namespace[1] \"t.{claim.x}\" and others is open to anyone: join"));
}

// As somebody writes it who wants slow mode alone.
TEST(config_namespace, one_that_says_nothing_of_grants_is_a_warning) {
  const auto warned = [](const std::string& more) {
    const auto result = load_config_text("[[namespace]]\nmatch = 'support.*'\n" + more + "\n", "f");
    EXPECT_TRUE(result.value) << more;
    return result.warnings.empty() ? std::string() : to_string(result.warnings.front());
  };
  for (const char* more :
       {"messages_per_minute = 6", "deny = 'role:x'", "slow_consumer = 'latest_only'"})
    EXPECT_THAT(warned(more), HasSubstr("f:1:1: namespace[0]: grants nothing: what matches it is "
                                        "closed to everybody"))
      << more;
  for (const char* more :
       {"join = 'role:x'", "publish = 'anyone'", "subscribe = []", "join = 'nobody'"})
    EXPECT_EQ(warned(more), "") << more;
}

TEST(exposure, proxies_that_nobody_listens_to_are_told) {
  const std::string text = "[proxy]\ntrusted = [\"127.0.0.1\"]\n";
  EXPECT_THAT(
    exposure_warnings(load_config_text(text, "f").value.value()),
    testing::Contains("proxy.trusted: without effect, because proxy.protocol is \"none\""));
  EXPECT_THAT(exposure_warnings(
                load_config_text(text + "protocol = \"x_forwarded_for\"\n", "f").value.value()),
              testing::Not(testing::Contains(HasSubstr("proxy.trusted"))));
}

TEST(exposure, the_echo_is_told) {
  auto settings = loaded("[[namespace]]\nmatch = 'a'\n[debug]\necho = true\n");
  settings.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(settings), ElementsAre(HasSubstr("debug.echo is on")));
}

TEST(exposure, what_needs_nats_has_no_effect_without) {
  auto settings = loaded("[[namespace]]\nmatch = 'a'\n"
                         "[[bridge.publish]]\nfrom = 'lifecycle'\nsubject = 'a.{event}'\n"
                         "[[rpc.allow]]\nservice = 's'\nmethod = 'm'\n");
  settings.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(settings), ElementsAre("[[bridge.publish]], [[rpc.allow]]: without "
                                                       "effect, because there is no nats.url"));
  settings.nats.url = "nats://127.0.0.1:4222";
  EXPECT_THAT(exposure_warnings(settings), IsEmpty());
}

TEST(exposure, a_default_room_that_nobody_can_join_is_told) {
  const std::string room = "[server]\ndefault_room = 'lobby'\n";
  const auto in_vain = Contains(HasSubstr("server.default_room \"lobby\": without effect"));
  const std::pair<std::string, bool> cases[] = {
    {"", false},
    {"[[namespace]]\nmatch = 'other'\njoin = 'anyone'\n", true},
    {"[[namespace]]\nmatch = 'lobby'\njoin = 'nobody'\nsubscribe = 'anyone'\n", true},
    {"[[namespace]]\nmatch = 'lobby'\njoin = 'anyone'\n", false},
    {"[[namespace]]\nmatch = 'lobby'\njoin = 'anyone'\n[[namespace]]\nmatch = '>'\n", true},
    {"[[namespace]]\nmatch = 'lobby'\njoin = 'role:staff'\n", true},
  };
  for (const auto& [namespaces, told] : cases)
    EXPECT_EQ(testing::Value(exposure_warnings(loaded(room + namespaces)), in_vain), told)
      << namespaces;
  auto with_tokens = loaded(room + cases[5].first);
  with_tokens.auth.jwks_file = "keys.json";
  EXPECT_THAT(exposure_warnings(with_tokens), Not(in_vain));
}

TEST(exposure, who_is_traced_where_no_line_is_written_is_told) {
  for (const std::string level : {"trace", "debug", "info", "warning", "error", "off"}) {
    const auto warnings =
      exposure_warnings(loaded("[log]\nlevel = '" + level + "'\ntrace_user = 'u1'\n"));
    const auto in_vain = Contains(HasSubstr("log.trace_user: without effect, because its lines "
                                            "have the level info, and log.level is " +
                                            level));
    const bool told = level == "warning" || level == "error" || level == "off";
    EXPECT_EQ(testing::Value(warnings, in_vain), told) << level;
  }
}

TEST(exposure, troupe_check_prints_it_and_the_file_is_ok_all_the_same) {
  auto path = (std::filesystem::temp_directory_path() / "troupe-config-XXXXXX").string();
  const int descriptor = mkstemp(path.data());
  ASSERT_GE(descriptor, 0);
  ::close(descriptor);
  std::ofstream(path) << "[[namespace]]\nmatch = 'a'\njoin = 'anyone'\n";
  std::ostringstream out;
  EXPECT_EQ(run_check({{.file = path, .environment = {}, .flags = {}}}, out), exit_ok);
  std::filesystem::remove(path);
  EXPECT_THAT(out.str(),
              HasSubstr(path + ": warning: namespace[0] \"a\" is open to anyone: join\n"));
  EXPECT_TRUE(out.str().ends_with('\n' + path + ": ok\n")) << out.str();
}
