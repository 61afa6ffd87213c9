// Where a value comes from, and what config.def promises. Files and their errors: config_file_test.
#include "server/config/config_keys.hpp"
#include "server/config/load_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <unistd.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

// A file of its own for each test, gone with it.
class config_test : public testing::Test {
protected:
  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "troupe-config-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& text) const {
    const auto path = folder_ / "troupe.toml";
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

private:
  std::filesystem::path folder_;
};

std::string all(const std::vector<config_error>& errors) {
  std::string text;
  for (const auto& error : errors)
    text += to_string(error) + '\n';
  return text;
}

config loaded_from(const config_sources& sources) {
  const auto result = load_config(sources);
  EXPECT_TRUE(result.value) << all(result.errors);
  return result.value.value_or(config{});
}

std::string refused(const config_sources& sources) {
  const auto result = load_config(sources);
  EXPECT_FALSE(result.value);
  return all(result.errors);
}

config from_variable(const std::string& name, const std::string& value) {
  return loaded_from({.file = {}, .environment = {{name, value}}, .flags = {}});
}

std::string refused_variable(const std::string& name, const std::string& value) {
  return refused({.file = {}, .environment = {{name, value}}, .flags = {}});
}

// Converts to the type of any member: what an aggregate accepts so many of is how many it has.
struct any_member {
  template <class T>
  operator T() const; // NOLINT(google-explicit-constructor)
};

template <class T, class... Members>
consteval std::size_t member_count() {
  if constexpr (requires { T{Members{}..., any_member{}}; })
    return member_count<T, Members..., any_member>();
  else
    return sizeof...(Members);
}

std::size_t keys_of(std::string_view section) {
  return static_cast<std::size_t>(std::ranges::count(config_keys(), section, &config_key::section));
}

} // namespace

TEST_F(config_test, no_source_gives_the_defaults) {
  const auto made = loaded_from({});
  EXPECT_EQ(made.server.port, 8081);
  EXPECT_EQ(made.server.heartbeat, 30s);
  EXPECT_EQ(made.limits.frame_bytes_max, 64u * 1024);
  EXPECT_TRUE(made.api.keys.empty());
  EXPECT_EQ(made.log.level, log_level::info);
}

TEST_F(config_test, every_member_is_a_key) {
  EXPECT_EQ(member_count<limits>(), keys_of("limits"));
  EXPECT_EQ(member_count<server_config>(), keys_of("server"));
  EXPECT_EQ(member_count<api_config>(), keys_of("api"));
  EXPECT_EQ(member_count<auth_config>(), keys_of("auth"));
  EXPECT_EQ(member_count<tls_config>(), keys_of("tls"));
  EXPECT_EQ(member_count<proxy_config>(), keys_of("proxy"));
  EXPECT_EQ(member_count<deflate_settings>(), keys_of("deflate"));
  EXPECT_EQ(member_count<metrics_config>(), keys_of("metrics"));
  EXPECT_EQ(member_count<nats_config>(), keys_of("nats"));
  EXPECT_EQ(member_count<log_config>(), keys_of("log"));
  EXPECT_EQ(member_count<debug_config>(), keys_of("debug"));
}

TEST_F(config_test, keys_have_names_of_their_own_and_a_default_they_would_accept) {
  std::set<std::string> names;
  for (const auto& key : config_keys()) {
    for (const auto& name : {full_name(key), variable(key), flag(key)})
      EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_FALSE(key.meaning.empty()) << full_name(key);
    // Help shows the meaning beside the flag, in 100 columns.
    EXPECT_LE(key.meaning.size(), 62u) << full_name(key);

    std::string text = key.show(config{});
    if (text == "[]")
      text.clear();
    std::erase(text, '"');
    config into;
    const auto done = key.read({config_value::loose{text}, 0, 0}, key.bounds, into);
    EXPECT_TRUE(done) << full_name(key) << ": " << done.error().got;
  }
}

TEST_F(config_test, a_flag_beats_a_variable_which_beats_the_file) {
  config_sources sources;
  sources.file = file("[server]\nport = 1\nloops = 1\nname = \"file\"\n");
  EXPECT_EQ(loaded_from(sources).server.port, 1);
  sources.environment = {{"TROUPE_SERVER_PORT", "2"}, {"TROUPE_SERVER_LOOPS", "2"}};
  EXPECT_EQ(loaded_from(sources).server.port, 2);
  sources.flags = {{"--server-port", "3"}};
  const auto made = loaded_from(sources);
  EXPECT_EQ(made.server.port, 3);
  EXPECT_EQ(made.server.loops, 2u);
  EXPECT_EQ(made.server.name, "file");
}

TEST_F(config_test, short_flags_and_the_last_of_several) {
  const auto made = loaded_from({.file = {},
                                 .environment = {},
                                 .flags = {{"--port", "1"}, {"--port", "0"}, {"--host", "::1"}}});
  EXPECT_EQ(made.server.port, 0);
  EXPECT_EQ(made.server.host, "::1");
}

TEST_F(config_test, a_wrong_value_is_an_error_though_a_stronger_source_has_a_right_one) {
  const auto errors = refused({.file = file("[server]\nport = -1\n"),
                               .environment = {{"TROUPE_SERVER_PORT", "many"}},
                               .flags = {{"--port", "3"}}});
  EXPECT_NE(errors.find("troupe.toml:2:8: server.port: "), std::string::npos) << errors;
  EXPECT_NE(errors.find("TROUPE_SERVER_PORT: server.port: "), std::string::npos) << errors;
}

TEST_F(config_test, variables_and_flags_are_named_in_errors) {
  EXPECT_EQ(refused_variable("TROUPE_SERVER_PORT", "many"),
            "TROUPE_SERVER_PORT: server.port: expected an integer from 0 to 65535, got \"many\"\n");
  EXPECT_EQ(refused({.file = {}, .environment = {}, .flags = {{"--port", "70000"}}}),
            "--port: server.port: expected an integer from 0 to 65535, got \"70000\"\n");
  EXPECT_EQ(refused({.file = {}, .environment = {}, .flags = {{"--ports", "1"}}}),
            "--ports: no such flag\n");
}

TEST_F(config_test, numbers_of_variables) {
  EXPECT_EQ(from_variable("TROUPE_SERVER_HEARTBEAT_SECONDS", "0.25").server.heartbeat, 250ms);
  EXPECT_EQ(from_variable("TROUPE_LIMITS_CLOSE_TIMEOUT_SECONDS", "2").limits.close_timeout, 2s);
  EXPECT_EQ(from_variable("TROUPE_LIMITS_FRAME_BYTES_MAX", "16777216").limits.frame_bytes_max,
            16777216u);
  for (const auto* wrong : {" ", " 1", "1 ", "+1", "1.0", "0x10", "1e3", "70000", "-1",
                            "99999999999999999999999999", "१"})
    EXPECT_FALSE(refused_variable("TROUPE_SERVER_PORT", wrong).empty()) << wrong;
  for (const auto* wrong : {" ", "0.049", "3600.1", "-1", "nan", "inf", "1s", "1e999"})
    EXPECT_FALSE(refused_variable("TROUPE_SERVER_HEARTBEAT_SECONDS", wrong).empty()) << wrong;
}

TEST_F(config_test, words_of_variables_in_any_case) {
  EXPECT_EQ(from_variable("TROUPE_LOG_LEVEL", "DEBUG").log.level, log_level::debug);
  EXPECT_EQ(from_variable("TROUPE_LOG_FORMAT", "json").log.format, log_format::json);
  EXPECT_EQ(refused_variable("TROUPE_LOG_FORMAT", "xml"),
            "TROUPE_LOG_FORMAT: log.format: expected one of text or json, got \"xml\"\n");
}

TEST_F(config_test, text_is_printable_utf8_of_some_length) {
  EXPECT_EQ(from_variable("TROUPE_SERVER_NAME", "Théâtre [1,2]").server.name, "Théâtre [1,2]");
  for (const std::string wrong : {"two\nlines", "\x1b[31m", "\xff", "\xc2\x85"})
    EXPECT_FALSE(refused_variable("TROUPE_SERVER_NAME", wrong).empty()) << wrong;
  EXPECT_EQ(refused_variable("TROUPE_SERVER_NAME", std::string(129, 'x')),
            "TROUPE_SERVER_NAME: server.name: expected printable text of 1 to 128 bytes, got \"" +
              std::string(60, 'x') + "…(+69 bytes)\"\n");
}

TEST_F(config_test, a_list_of_a_variable_is_separated_by_commas) {
  using keys = std::vector<std::string>;
  const std::string one = "key-one-of-troupe", two = "key-two-of-troupe";
  EXPECT_EQ(from_variable("TROUPE_API_KEYS", one).api.keys, keys{one});
  EXPECT_EQ(from_variable("TROUPE_API_KEYS", one + " ,  " + two).api.keys, (keys{one, two}));
  EXPECT_EQ(from_variable("TROUPE_API_KEYS", " ").api.keys, keys{});
  for (const auto* wrong : {"key-one-of-troupe,", ",key-one-of-troupe", "key-one-of-troupe,short",
                            "key-one-of-troupe,,key-two-of-troupe"})
    EXPECT_FALSE(refused_variable("TROUPE_API_KEYS", wrong).empty()) << wrong;
}

TEST_F(config_test, origins_are_read_as_origins) {
  using list = std::vector<std::string>;
  EXPECT_EQ(from_variable("TROUPE_SERVER_ORIGINS", "https://app.example, *.example.com,self")
              .server.origins,
            (list{"https://app.example", "*.example.com", "self"}));
  EXPECT_EQ(loaded_from({.file = file("[server]\norigins = [\"none\"]\norigin_reject = \"http\"\n"),
                         .environment = {},
                         .flags = {}})
              .server.origin_reject,
            rejection::http);
  const auto wrong =
    refused({.file = file("[server]\norigins = [\"none\", \"https://app/path\"]\n"),
             .environment = {},
             .flags = {}});
  EXPECT_NE(wrong.find("troupe.toml:2:20: server.origins: expected a list of origins such as "),
            std::string::npos)
    << wrong;
  EXPECT_NE(wrong.find("got \"https://app/path\""), std::string::npos) << wrong;
  EXPECT_FALSE(refused_variable("TROUPE_SERVER_ORIGINS", "https://app.example,,self").empty());
}

TEST_F(config_test, an_empty_variable_is_not_set_whatever_its_type) {
  for (const auto& key : config_keys())
    EXPECT_EQ(key.show(from_variable(variable(key), "")), key.show(config{})) << full_name(key);
  const auto made = loaded_from({.file = file("[api]\nkeys = [\"key-one-of-troupe\"]\n"
                                              "[server]\nport = 1\nname = \"file\"\n"),
                                 .environment = {{"TROUPE_API_KEYS", ""},
                                                 {"TROUPE_SERVER_PORT", ""},
                                                 {"TROUPE_SERVER_NAME", ""}},
                                 .flags = {}});
  EXPECT_EQ(made.api.keys.size(), 1u);
  EXPECT_EQ(made.server.port, 1);
  EXPECT_EQ(made.server.name, "file");
}

TEST_F(config_test, a_variable_that_is_no_keys_is_a_warning_unless_somebody_else_sets_it) {
  const std::pair<named_value, std::string> cases[] = {
    {{"TROUPE_SERVER_PROT", "1"}, "no such variable, did you mean TROUPE_SERVER_PORT?"},
    {{"TROUPE_PORT", "9000"}, "no such variable, did you mean TROUPE_SERVER_PORT?"},
    {{"TROUPE_HOST", "::1"}, "no such variable, did you mean TROUPE_SERVER_HOST?"},
    {{"TROUPE_SECRET", "x"}, "no such variable, did you mean TROUPE_AUTH_SECRET?"},
    {{"TROUPE_LEVEL", "info"},
     "no such variable, did you mean TROUPE_DEFLATE_LEVEL or TROUPE_LOG_LEVEL?"},
    {{"TROUPE_HEARTBEAT_SECONDS", "1"},
     "no such variable, did you mean TROUPE_SERVER_HEARTBEAT_SECONDS?"},
    {{"TROUPE_COLOUR", "red"}, "no such variable: without effect"},
    {{"PATH", "/bin"}, ""},
    {{"TROUPE_PORT", ""}, ""},
    {{"TROUPE_TOKEN", "x"}, ""},
    {{"TROUPE_PORT", "tcp://10.0.0.1:8081"}, ""},
    {{"TROUPE_PORT_8081_TCP", "tcp://10.0.0.1:8081"}, ""},
    {{"TROUPE_PORT_8081_TCP_ADDR", "10.0.0.1"}, ""},
    {{"TROUPE_SERVICE_PORT", "8081"}, ""},
    {{"TROUPE_SERVER_SERVICE_HOST", "10.0.0.1"}, ""},
    {{"TROUPE_SERVICE_PORT_HTTP", "8081"}, ""},
  };
  for (const auto& [given, said] : cases) {
    const auto result = load_config({.file = {}, .environment = {given}, .flags = {}});
    EXPECT_TRUE(result.value) << all(result.errors);
    EXPECT_EQ(all(result.warnings), said.empty() ? "" : given.name + ": " + said + "\n");
  }
}

TEST_F(config_test, the_environment_of_the_process) {
  ASSERT_EQ(setenv("TROUPE_SERVER_NAME", "from=outside", 1), 0);
  const auto variables = process_environment();
  ASSERT_EQ(unsetenv("TROUPE_SERVER_NAME"), 0);
  const auto found = std::ranges::find(variables, "TROUPE_SERVER_NAME", &named_value::name);
  ASSERT_NE(found, variables.end());
  EXPECT_EQ(found->value, "from=outside");
  for (const auto& variable : variables)
    EXPECT_TRUE(variable.name.starts_with("TROUPE_")) << variable.name;
}
