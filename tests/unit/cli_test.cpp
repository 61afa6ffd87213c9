// The command line: which command, with which flags, and what is said when it is wrong.
#include "server/cli.hpp"
#include "server/config/config_keys.hpp"

#include <CLI/App.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

using namespace troupe;

namespace {

struct run {
  CLI::App app;
  std::ostringstream out, err;
  command chosen = command_done{-1};

  explicit run(std::vector<const char*> arguments, bool with_bench = false) {
    arguments.insert(arguments.begin(), "troupe");
    if (with_bench)
      app.add_subcommand("bench", "Measure the server");
    chosen =
      parse_command_line(app, static_cast<int>(arguments.size()), arguments.data(), out, err);
  }

  int exit_code() const {
    const auto* done = std::get_if<command_done>(&chosen);
    return done == nullptr ? -1 : done->exit_code;
  }
};

std::vector<named_value> flags_of(const run& r) {
  const auto* serve = std::get_if<serve_command>(&r.chosen);
  return serve == nullptr ? std::vector<named_value>{{"not serve", r.err.str()}}
                          : serve->sources.flags;
}

} // namespace

TEST(cli, serve_takes_every_key_as_a_flag) {
  for (const auto& key : config_keys()) {
    const auto name = flag(key);
    const run separate({"serve", name.c_str(), "-1"});
    const auto joined_argument = name + "=[a,b]";
    const run joined({"serve", joined_argument.c_str()});
    ASSERT_EQ(flags_of(separate).size(), 1u) << name;
    EXPECT_EQ(flags_of(separate)[0].value, "-1");
    EXPECT_EQ(flags_of(joined).at(0).value, "[a,b]");
    // What it is called must be something load_config knows.
    for (const auto& error :
         load_config({.file = {}, .environment = {}, .flags = flags_of(separate)}).errors)
      EXPECT_EQ(error.key, full_name(key)) << to_string(error);
  }
}

TEST(cli, aliases_and_repeated_flags) {
  const run r({"serve", "--port", "1", "--host=::1", "--server-port", "2", "--config", "a.toml"});
  const auto flags = flags_of(r);
  ASSERT_EQ(flags.size(), 2u);
  EXPECT_EQ(flags[0].name, "--host");
  EXPECT_EQ(flags[0].value, "::1");
  EXPECT_EQ(flags[1].name, "--port");
  EXPECT_EQ(flags[1].value, "2");
  EXPECT_EQ(std::get<serve_command>(r.chosen).sources.file, "a.toml");
}

TEST(cli, serve_and_check_bring_the_same_environment) {
  ASSERT_EQ(setenv("TROUPE_SERVER_NAME", "Somewhere", 1), 0);
  const run serve({"serve"});
  const run check({"check", "f.toml"});
  ASSERT_EQ(unsetenv("TROUPE_SERVER_NAME"), 0);
  for (const auto& variables : {std::get<serve_command>(serve.chosen).sources.environment,
                                std::get<check_command>(check.chosen).sources.environment})
    EXPECT_NE(std::ranges::find(variables, "Somewhere", &named_value::value), variables.end());
}

TEST(cli, an_empty_variable_is_not_set_for_any_command) {
  for (const auto* name : {"TROUPE_NATS_URL", "TROUPE_TOKEN", "TROUPE_AUTH_SECRET"})
    ASSERT_EQ(setenv(name, "", 1), 0);
  const run tail({"tail", "order.>"});
  const run token({"token", "--user", "u1"});
  for (const auto* name : {"TROUPE_NATS_URL", "TROUPE_TOKEN", "TROUPE_AUTH_SECRET"})
    ASSERT_EQ(unsetenv(name), 0);
  ASSERT_TRUE(std::holds_alternative<tail_command>(tail.chosen)) << tail.err.str();
  EXPECT_EQ(std::get<tail_command>(tail.chosen).nats, "nats://127.0.0.1:4222");
  EXPECT_TRUE(std::holds_alternative<token_command>(token.chosen)) << token.err.str();
}

TEST(cli, other_commands) {
  EXPECT_EQ(std::get<check_command>(run({"check", "f.toml"}).chosen).sources.file, "f.toml");
  for (const auto& words : std::vector<std::vector<const char*>>{
         {"check", "f.toml", "--explain", "user=u1", "join=r"},
         {"check", "--explain", "user=u1", "join=r", "f.toml"}}) {
    const auto explaining = std::get<check_command>(run(words).chosen);
    EXPECT_EQ(explaining.sources.file, "f.toml");
    EXPECT_EQ(explaining.explain, (std::vector<std::string>{"user=u1", "join=r"}));
  }
  EXPECT_TRUE(std::holds_alternative<config_command>(run({"config"}).chosen));
  EXPECT_TRUE(std::holds_alternative<version_command>(run({"version"}).chosen));
  EXPECT_TRUE(std::holds_alternative<version_command>(run({"--version"}).chosen));
  const run bench({"bench"}, true);
  EXPECT_EQ(std::get<other_command>(bench.chosen).chosen->get_name(), "bench");
}

TEST(cli, help_shows_every_flag_with_its_meaning_and_default) {
  const run r({"serve", "--help"});
  EXPECT_EQ(r.exit_code(), exit_ok);
  const auto help = r.out.str();
  for (const auto& key : config_keys()) {
    EXPECT_NE(help.find(flag(key) + ' ' + std::string(key.placeholder)), std::string::npos);
    EXPECT_NE(help.find(key.meaning), std::string::npos) << key.meaning;
    EXPECT_NE(help.find('(' + facts(key) + ')'), std::string::npos) << facts(key);
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 100u) << line;
}

TEST(cli, wrong_usage_is_two_and_says_what_to_do) {
  const struct {
    std::vector<const char*> arguments;
    std::string said;
  } cases[] = {
    {{}, "troupe: a command is needed\nTry: troupe --help\n"},
    {{"chekc", "f"},
     "troupe: no such command: \"chekc\", did you mean \"check\"?\nTry: troupe --help\n"},
    {{"check"}, "troupe check: FILE is required\nTry: troupe check --help\n"},
    {{"check", "a", "b"},
     "troupe check: more arguments than the command takes\nTry: troupe check --help\n"},
    {{"serve", "--prt", "1"},
     "troupe serve: no such flag: \"--prt\", did you mean \"--port\"?\nTry: troupe serve "
     "--help\n"},
    {{"serve", "--serverHost", "x"},
     "troupe serve: no such flag: \"--serverHost\", did you mean \"--server-host\"?\nTry: troupe "
     "serve --help\n"},
    {{"serve", "troupe.toml"},
     "troupe serve: more arguments than the command takes, did you mean --config FILE?\nTry: "
     "troupe "
     "serve --help\n"},
    {{"chat", "x", "y", "--name", "Ann"},
     "troupe chat: no such flag: \"--name\", did you mean \"--user\"?\nTry: troupe chat --help\n"},
    {{"serve", "--port"}, "troupe serve: --port: 1 required N missing\nTry: troupe serve --help\n"},
  };
  for (const auto& c : cases) {
    const run r(c.arguments);
    EXPECT_EQ(r.exit_code(), exit_usage) << c.said;
    EXPECT_EQ(r.err.str(), c.said);
    EXPECT_EQ(r.out.str(), "");
  }
}

TEST(cli, a_secret_of_a_misspelt_flag_is_not_repeated) {
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{"serve", "--api-key", "sesame"},
                                             {"serve", "--api-key=sesame"},
                                             {"serve", "--api-keys", "a", "sesame"},
                                             {"serve", "-k", "sesame"},
                                             {"serve", "-sesame"},
                                             {"serve", "--", "sesame"},
                                             {"check", "f.toml", "--api-keys", "sesame"}}) {
    const run r(arguments);
    EXPECT_EQ(r.exit_code(), exit_usage);
    EXPECT_EQ(r.err.str().find("esame"), std::string::npos) << r.err.str();
  }
}

TEST(cli, tail_takes_a_subject) {
  ASSERT_EQ(unsetenv("TROUPE_NATS_URL"), 0);
  const run plain({"tail", "order.>"});
  const auto* subject = std::get_if<tail_command>(&plain.chosen);
  ASSERT_NE(subject, nullptr) << plain.err.str();
  EXPECT_EQ(subject->subject, "order.>");
  EXPECT_EQ(subject->nats, "nats://127.0.0.1:4222");
  EXPECT_EQ(subject->count, 0u);
  ASSERT_EQ(setenv("TROUPE_NATS_URL", "nats://elsewhere", 1), 0);
  const run full({"tail", "t", "--count", "3"});
  ASSERT_EQ(unsetenv("TROUPE_NATS_URL"), 0);
  const auto* other = std::get_if<tail_command>(&full.chosen);
  ASSERT_NE(other, nullptr) << full.err.str();
  EXPECT_EQ(other->count, 3u);
  EXPECT_EQ(other->nats, "nats://elsewhere");
  EXPECT_EQ(run({"tail"}).exit_code(), exit_usage) << "what?";
  EXPECT_EQ(run({"tail", "a", "b"}).exit_code(), exit_usage);
}

TEST(cli, sub_takes_a_server_and_topics) {
  const run plain({"sub", "ws://a", "news"});
  const auto* one = std::get_if<troupe_cli::sub_command>(&plain.chosen);
  ASSERT_NE(one, nullptr) << plain.err.str();
  EXPECT_EQ(one->to.url, "ws://a");
  EXPECT_EQ(one->topics, std::vector<std::string>{"news"});
  EXPECT_FALSE(one->to.json);
  EXPECT_EQ(one->count, 0u);
  const run full(
    {"sub", "--token", "x", "ws://a", "a", "b.*", "--user", "Ann", "--json", "--count", "3"});
  const auto* more = std::get_if<troupe_cli::sub_command>(&full.chosen);
  ASSERT_NE(more, nullptr) << full.err.str();
  EXPECT_EQ(more->topics, (std::vector<std::string>{"a", "b.*"}));
  EXPECT_EQ(more->to.token, "x");
  EXPECT_EQ(more->to.user, "Ann");
  EXPECT_TRUE(more->to.json);
  EXPECT_EQ(more->count, 3u);
  EXPECT_EQ(run({"sub", "ws://a"}).exit_code(), exit_usage);
}

TEST(cli, chat_and_pub_take_one_name) {
  ASSERT_EQ(setenv("TROUPE_TOKEN", "t", 1), 0);
  const run chat({"chat", "localhost:8081", "lobby"});
  const run pub({"pub", "localhost:8081", "news", "--event", "flash"});
  ASSERT_EQ(unsetenv("TROUPE_TOKEN"), 0);
  const auto* talks = std::get_if<troupe_cli::chat_command>(&chat.chosen);
  ASSERT_NE(talks, nullptr) << chat.err.str();
  EXPECT_EQ(talks->room, "lobby");
  EXPECT_EQ(talks->to.token, "t");
  const auto* says = std::get_if<troupe_cli::pub_command>(&pub.chosen);
  ASSERT_NE(says, nullptr) << pub.err.str();
  EXPECT_EQ(says->topic, "news");
  EXPECT_EQ(says->event, "flash");
  for (const auto* command : {"chat", "pub"}) {
    EXPECT_EQ(run({command, "ws://a"}).exit_code(), exit_usage);
    EXPECT_EQ(run({command, "ws://a", "b", "c"}).exit_code(), exit_usage);
  }
}
