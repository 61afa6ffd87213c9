// Configuration files: what is wrong with one and where, and the documented example.
#include "server/config/config_example.hpp"
#include "server/config/config_keys.hpp"
#include "tests/unit/config_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

const std::string example = TROUPE_SOURCE_DIR "/docs/troupe.example.toml";

// What load_config says about a file of this text, with the name `f` for it.
std::string errors_of_file(const std::string& text) {
  auto name = (std::filesystem::temp_directory_path() / "troupe-config-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  EXPECT_GE(descriptor, 0);
  ::close(descriptor);
  std::ofstream(name, std::ios::binary) << text;
  const auto result = load_config({.file = name, .environment = {}, .flags = {}});
  std::filesystem::remove(name);
  EXPECT_EQ(result.value.has_value(), result.errors.empty());
  std::string out;
  for (const auto& error : result.errors) {
    auto line = to_string(error);
    EXPECT_TRUE(line.starts_with(name)) << line;
    EXPECT_TRUE(is_printable(line)) << line;
    out += 'f' + line.substr(name.size()) + '\n';
  }
  return out;
}

class refused_file : public testing::TestWithParam<refusal> {};

const std::string traced =
  "a user's id, an address, or a network such as 192.0.2.0/24, with zeros behind the prefix, got ";
const std::string integer = "expected an integer from 128 to 16777216, got ";

} // namespace

TEST_P(refused_file, says_where_and_what_was_expected) {
  EXPECT_EQ(errors_of_file(GetParam().text), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
  values, refused_file,
  testing::Values(
    refusal{"\n\n[limits]\nframe_bytes_max = \"lots\"\n",
            "f:4:19: limits.frame_bytes_max: " + integer + "\"lots\"\n"},
    refusal{"[limits]\nframe_bytes_max = 127",
            "f:2:19: limits.frame_bytes_max: " + integer + "127\n"},
    refusal{"[limits]\nframe_bytes_max = 16777217",
            "f:2:19: limits.frame_bytes_max: " + integer + "16777217\n"},
    refusal{"[limits]\nframe_bytes_max = -9223372036854775808",
            "f:2:19: limits.frame_bytes_max: " + integer + "-9223372036854775808\n"},
    refusal{"[limits]\nframe_bytes_max = 4096.0",
            "f:2:19: limits.frame_bytes_max: " + integer + "4096.0\n"},
    refusal{"[limits]\nframe_bytes_max = true",
            "f:2:19: limits.frame_bytes_max: " + integer + "true\n"},
    refusal{"[limits]\nframe_bytes_max = [1]",
            "f:2:19: limits.frame_bytes_max: " + integer + "a list\n"},
    refusal{"[limits.frame_bytes_max]", "f:1:1: limits.frame_bytes_max: " + integer + "a table\n"},
    refusal{"limits.frame_bytes_max = 2026-01-31",
            "f:1:26: limits.frame_bytes_max: " + integer + "a date\n"},
    refusal{"[server]\nheartbeat_seconds = nan",
            "f:2:21: server.heartbeat_seconds: expected seconds from 0.05 to 3600, got nan\n"},
    refusal{"[server]\nheartbeat_seconds = 1e300",
            "f:2:21: server.heartbeat_seconds: expected seconds from 0.05 to 3600, got 1e+300\n"},
    refusal{"[server]\nheartbeat_seconds = \"30\"",
            "f:2:21: server.heartbeat_seconds: expected seconds from 0.05 to 3600, got \"30\"\n"},
    refusal{"[server]\nname = \"a\\nb\\u001b\"",
            "f:2:8: server.name: expected printable text of 1 to 128 bytes, got \"a\\nb\\x1b\"\n"},
    refusal{"[log]\ntrace_user = \"127.0.0.1/8\"",
            "f:2:14: log.trace_user: expected " + traced + "\"127.0.0.1/8\"\n"},
    refusal{"[log]\ntrace_user = \"0.0.0.0/99\"",
            "f:2:14: log.trace_user: expected " + traced + "\"0.0.0.0/99\"\n"},
    refusal{"[log]\ntrace_user = \"2001:db8::/x\"",
            "f:2:14: log.trace_user: expected " + traced + "\"2001:db8::/x\"\n"},
    refusal{"[log]\nlevel = \"loud\"", "f:2:9: log.level: expected one of trace, debug, info, "
                                       "warning, error or off, got \"loud\"\n"},
    refusal{"[log]\nlevel = \"INFO\"", "f:2:9: log.level: expected one of trace, debug, info, "
                                       "warning, error or off, got \"INFO\"\n"}));

INSTANTIATE_TEST_SUITE_P(
  names, refused_file,
  testing::Values(
    refusal{"[server]\nport = 1\n prot = 2",
            "f:3:2: server.prot: unknown key, did you mean \"port\"?\n"},
    refusal{"[limits]\nframe_bytes = 2",
            "f:2:1: limits.frame_bytes: unknown key, did you mean \"frame_bytes_max\"?\n"},
    refusal{
      "[limits]\nmessagesPerMinute = 2",
      "f:2:1: limits.messagesPerMinute: unknown key, did you mean \"messages_per_minute\"?\n"},
    refusal{"[server]\nlevel = \"info\"",
            "f:2:1: server.level: unknown key, did you mean log.level?\n"},
    refusal{"[server]\ncolour = 1", "f:2:1: server.colour: unknown key\n"},
    refusal{"\n[sever]\nport = 1", "f:2:2: sever: unknown section, did you mean \"server\"?\n"},
    refusal{"[zoo]", "f:1:2: zoo: unknown section\n"},
    refusal{"port = 1",
            "f:1:1: port: unknown key outside of a section, did you mean server.port?\n"},
    refusal{"zoo = 1", "f:1:1: zoo: unknown key outside of a section\n"},
    refusal{"server = 1", "f:1:10: server: expected a table, got an integer\n"},
    refusal{"[[server]]\nport = 1", "f:1:1: server: expected a table, got a list\n"},
    refusal{"[server]\n\"a\\nb\" = 1", "f:2:1: server.a\\nb: unknown key\n"}));

INSTANTIATE_TEST_SUITE_P(
  syntax, refused_file,
  testing::Values(
    refusal{"[server]\nport = 1\nport = 2",
            "f:3:8: not TOML: Error while parsing key-value pair: "
            "cannot redefine existing integer 'port', which is at line 2 already\n"},
    refusal{
      "[server]\nport = 1\n[limits]\nrooms_max = 1\n\nrooms_max = 2",
      "f:6:13: not TOML: Error while parsing key-value pair: cannot redefine existing integer "
      "'rooms_max', which is at line 4 already\n"},
    refusal{"[server]\n[limits]\n[server]",
            "f:3:1: not TOML: Error while parsing table header: cannot redefine existing table "
            "'server', which is at line 1 already\n"},
    refusal{"[server]\norigins = [\"https://app.example]\nport = 1\n",
            "f:2:33: not TOML: Error while parsing string: unescaped control characters other than "
            "TAB (U+0009) are explicitly prohibited; is the quotation mark missing that closes "
            "it?\n"},
    refusal{"[server]\nname = 'x",
            "f:2:10: not TOML: Error while parsing string: encountered end-of-file; is the "
            "quotation mark missing that closes it?\n"},
    refusal{"\n[server\nport = 1", "f:2:8: not TOML: Error while parsing table header: expected "
                                   "']', saw the end of the line\n"},
    refusal{"[server]\nport =", "f:2:7: not TOML: Error while parsing key-value pair: "
                                "encountered end-of-file\n"},
    refusal{"[limits]\nframe_bytes_max = 99999999999999999999",
            "f:2:39: not TOML: Error while parsing decimal integer: this is not representable in "
            "64 bits\n"},
    refusal{"[server]\nname = \"\xff\"", "f:2:8: not TOML: Encountered invalid utf-8 sequence\n"}));

TEST(config_file, whose_connections_are_logged_may_be_anybody) {
  for (const std::string whom :
       {"", "u1", "127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "team/ann", "300.1.1.1/8"})
    EXPECT_EQ(errors_of_file("[log]\ntrace_user = \"" + whom + "\""), "");
}

TEST(config_file, all_errors_come_at_once_in_the_order_of_the_file) {
  EXPECT_EQ(errors_of_file("[log]\nlevel = 1\n[sever]\n[server]\nport = \"x\"\nloop = 1\n"),
            "f:2:9: log.level: expected one of trace, debug, info, warning, error or off, got 1\n"
            "f:3:2: sever: unknown section, did you mean \"server\"?\n"
            "f:5:8: server.port: expected an integer from 0 to 65535, got \"x\"\n"
            "f:6:1: server.loop: unknown key, did you mean \"loops\"?\n");
}

TEST(config_file, files_that_cannot_be_read) {
  const auto message = [](const std::string& path) {
    const auto result = load_config({.file = path, .environment = {}, .flags = {}});
    return result.errors.size() == 1 ? to_string(result.errors[0]) : "no single error";
  };
  EXPECT_EQ(message("/nowhere/troupe.toml"),
            "/nowhere/troupe.toml: cannot be read: No such file or directory");
  EXPECT_EQ(message("/tmp"), "/tmp: is a directory, expected a TOML file");
  EXPECT_EQ(message("/dev/zero"), "/dev/zero: expected at most 1048576 bytes");
  EXPECT_EQ(message("no\nsuch"), "no\\nsuch: cannot be read: No such file or directory");
}

TEST(config_file, junk_is_refused_with_a_line_and_without_control_characters) {
  std::string junk = "\x7f"
                     "ELF\x02\x01\x01";
  for (int i = 0; i < 4096; ++i)
    junk += static_cast<char>(i * 37 + i / 256);
  EXPECT_TRUE(errors_of_file(junk).starts_with("f:1:")) << errors_of_file(junk);
  EXPECT_TRUE(errors_of_file(std::string(64, '\0')).starts_with("f:1:1: "));
  EXPECT_TRUE(errors_of_file("[server]\nname = \"\x1b[2J\"").starts_with("f:2:"));
}

TEST(config_file, deep_nesting_is_refused) {
  std::string dotted = "a";
  for (int i = 0; i < 100'000; ++i)
    dotted += ".a";
  EXPECT_EQ(errors_of_file("\n" + dotted + " = 1"),
            "f:2:1: expected lines of at most 8192 bytes\n");
  EXPECT_TRUE(
    errors_of_file(dotted.substr(0, 8001) + " = 1").starts_with("f:1:1: a: unknown section"));
  EXPECT_TRUE(errors_of_file("a = " + std::string(4000, '[')).starts_with("f:1:")) << "lists";
}

TEST(config_file, a_secret_is_never_shown) {
  const std::string secret = "hunter2-sesame";
  const std::string wrong[] = {
    "[api]\nkeys = \"" + secret + "\"",
    "[api]\nkeys = [\"" + secret + "\"]",
    "[api]\nkeys = [\"a-long-enough-key\", \"" + secret + " with a space\"]",
    "[api]\nkeys = [[\"" + secret + "\"]]",
    "[api]\nkeys = [" + secret + "]",
    "[api]\nkeys = [t" + secret + "]",
    "[api]\nkeys = \"" + secret,
    "[api]\nkeys = [\"" + secret + "\"",
    "api = \"" + secret + "\"",
    "[api]\nkeys = {" + secret + " = 1}",
  };
  for (const auto& text : wrong) {
    const auto errors = errors_of_file(text);
    EXPECT_FALSE(errors.empty()) << text;
    for (const auto* part : {"hunter2", "sesame", "hunt"})
      EXPECT_EQ(errors.find(part), std::string::npos) << errors;
  }
  EXPECT_EQ(errors_of_file("[api]\nkeys = [271828182845904523536]").find("2718281"),
            std::string::npos);
  EXPECT_EQ(errors_of_file(wrong[1]),
            "f:2:9: api.keys: expected a list of strings, each 16 to 512 bytes "
            "of printable ASCII without spaces, got a string of 14 bytes as "
            "entry 1\n");
  for (const auto& sources :
       {config_sources{.file = {}, .environment = {{"TROUPE_API_KEYS", secret}}, .flags = {}},
        config_sources{.file = {}, .environment = {}, .flags = {{"--api-keys", secret}}}}) {
    const auto result = load_config(sources);
    ASSERT_EQ(result.errors.size(), 1u);
    EXPECT_EQ(to_string(result.errors[0]).find("hunt"), std::string::npos);
  }
}

TEST(config_file, the_example_has_every_key_with_its_default_and_its_facts) {
  std::ifstream in(example);
  std::stringstream text;
  text << in.rdbuf();
  const auto parsed = parse_toml(text.str(), example);
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  std::vector<std::string> written, known;
  for (const auto& section : *parsed)
    for (const auto& entry : std::get<config_value::table>(section.value.data))
      written.push_back(section.key + '.' + entry.key);
  for (const auto& key : config_keys())
    known.push_back(full_name(key));
  EXPECT_EQ(written, known);

  const auto result = load_config({.file = example, .environment = {}, .flags = {}});
  ASSERT_TRUE(result.value);
  for (const auto& key : config_keys()) {
    const auto line = std::string(key.key) + " = " + key.show(config{});
    EXPECT_EQ(key.show(*result.value), key.show(config{}));
    EXPECT_NE(text.str().find("# " + facts(key) + '\n' + line + '\n'), std::string::npos)
      << "expected a line '# " << facts(key) << "' above '" << line << "'";
  }
}

TEST(config_file, the_example_is_what_troupe_config_prints) {
  std::ifstream in(example);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), config_example()) << "run: troupe config >docs/troupe.example.toml";
}

TEST(config_file, the_tables_of_the_example_are_right_without_their_hash_signs) {
  std::istringstream lines(config_example());
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool key = line.find(" = ") != std::string::npos && line.find(' ', 2) == line.find(" = ");
    const bool toml = line.starts_with("# [[") || (line.starts_with("# ") && key);
    text += (toml ? line.substr(2) : line) + '\n';
  }
  const auto result = load_config_text(text, "f");
  ASSERT_TRUE(result.value) << to_string(result.errors.at(0));
  EXPECT_EQ(result.value->namespaces.size(), 1u);
  EXPECT_EQ(result.value->bridge.rules->size(), 1u);
  EXPECT_EQ(result.value->bridge.publishes.size(), 2u);
  EXPECT_EQ(result.value->rpc_allow.size(), 1u);
}

TEST(config_file, values_of_every_kind) {
  auto path = (std::filesystem::temp_directory_path() / "troupe-config-XXXXXX").string();
  ::close(mkstemp(path.data()));
  std::ofstream(path)
    << "\xef\xbb\xbf[server]\r\nname = 'Théâtre'\r\nheartbeat_seconds = 0.0625\r\n"
       "drain_seconds = 0\r\n[limits]\r\nframe_bytes_max = 0x1_0000\r\n"
       "[api]\r\nkeys = [\"key-one-of-troupe\",\r\n \"key-two, of-16\"]\r\n"
       "[log]\r\nlevel = \"off\"\r\nformat = \"json\"\r\n";
  const auto spaced = load_config({.file = path, .environment = {}, .flags = {}});
  ASSERT_EQ(spaced.errors.size(), 1u);
  EXPECT_EQ(spaced.errors[0].line, 8u + 1u);
  std::ofstream(path)
    << "[server]\nname = 'Théâtre'\nheartbeat_seconds = 0.0625\ndrain_seconds = 0\n"
       "[limits]\nframe_bytes_max = 0x1_0000\n"
       "[api]\nkeys = [\"key-one-of-troupe\",\n \"key-two,of-troupe\"]\n"
       "[log]\nlevel = \"off\"\nformat = \"json\"\n";
  const auto result = load_config({.file = path, .environment = {}, .flags = {}});
  std::filesystem::remove(path);
  ASSERT_TRUE(result.value) << to_string(result.errors.at(0));
  EXPECT_EQ(result.value->server.name, "Théâtre");
  EXPECT_EQ(result.value->server.heartbeat, 63ms);
  EXPECT_EQ(result.value->server.drain, 0ms);
  EXPECT_EQ(result.value->limits.frame_bytes_max, 65536u);
  EXPECT_EQ(result.value->api.keys,
            (std::vector<std::string>{"key-one-of-troupe", "key-two,of-troupe"}));
  EXPECT_EQ(result.value->log.level, log_level::off);
  EXPECT_EQ(result.value->log.format, log_format::json);
}
