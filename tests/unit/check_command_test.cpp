// `troupe check`: it finds whatever would keep `troupe serve` from listening, and says where that
// comes from. Both begin with `prepare`, which is tested here by the words of the command.
#include "server/check_command.hpp"
#include "server/net/listen_address.hpp"
#include "tests/unit/token_forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

using namespace troupe;
using namespace troupe::test;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

struct checked {
  exit_code code;
  std::string said;
};

checked check(const config_sources& sources) {
  std::ostringstream out;
  const auto code = run_check({sources}, out);
  return {code, out.str()};
}

// What is said about a file of this text, which is called `f` there.
std::string refusal_of(const std::string& text, std::vector<named_value> variables = {}) {
  const folder here;
  const auto name = here.file("troupe.toml", text);
  auto [code, said] = check({.file = name, .environment = std::move(variables), .flags = {}});
  EXPECT_EQ(code, exit_invalid_config) << said;
  for (auto at = said.find(name); at != std::string::npos; at = said.find(name, at))
    said.replace(at, name.size(), "f");
  return said;
}

} // namespace

TEST(check_command, says_ok_or_one_error_a_line) {
  const std::string example = TROUPE_SOURCE_DIR "/docs/troupe.example.toml";
  const auto fine = check({.file = example, .environment = {}, .flags = {}});
  EXPECT_EQ(fine.code, exit_ok);
  EXPECT_THAT(fine.said, StartsWith(example + ": warning: everything is open"));
  EXPECT_TRUE(fine.said.ends_with('\n' + example + ": ok\n")) << fine.said;
  const auto absent = check({.file = "/nowhere.toml", .environment = {}, .flags = {}});
  EXPECT_EQ(absent.code, exit_invalid_config);
  EXPECT_EQ(absent.said, "/nowhere.toml: cannot be read: No such file or directory\n");
}

TEST(check_command, refuses_what_does_not_start_and_says_where) {
  const std::string secret = "secret = \"sesame-of-32-bytes-or-a-few-more\"\n";
  const std::pair<std::string, std::string> cases[] = {
    {"[server]\nhost = \"nowhere.invalid\"\n",
     "f:2:8: server.host: expected an IP address or a name that stands for one, got "
     "\"nowhere.invalid\""},
    {"[server]\nhost = \"192.0.2.1\"\n", "f:2:8: server.host: cannot listen on 192.0.2.1: "},
    {"[auth]\n" + secret + "algorithm = \"RS256\"\n",
     "f:2:10: auth.secret: is for HS256, but auth.algorithm is RS256"},
    {"[auth]\nrequired = true\n", "f:2:12: auth.required: needs auth.secret, "},
    {"[auth]\npublic_key_file = \"/nowhere.pem\"\n",
     "f:2:19: auth.public_key_file: /nowhere.pem: cannot be read: No such file"},
    {"[auth]\njwks_file = \"/nowhere.json\"\n",
     "f:2:13: auth.jwks_file: /nowhere.json: cannot be read: No such file"},
    {"[tls]\ncertificate_file = \"/nowhere.pem\"\nkey_file = \"/nowhere.key\"\n",
     "f:2:20: tls.certificate_file /nowhere.pem: No such file"},
    {"[nats]\nurl = \"nats://127.0.0.1\"\nuser = \"a\"\ntoken = \"b\"\n",
     "f:4:9: nats.token: expected only one of user, token, "},
    {"[nats]\nurl = \"nats://u:p@127.0.0.1\"\nuser = \"a\"\n",
     "f:3:8: nats.user: expected only one"},
    {"[tls]\ncertificate_file = \"/nowhere.pem\"\n",
     "f:2:20: tls.certificate_file and tls.key_file: expected both or none"},
    {"[proxy]\nprotocol = \"proxy_v2\"\n", "f: proxy.trusted: expected at least one address"},
    {"[proxy]\ntrusted = [\"0.0.0.0/0\", \"::/0\"]\n",
     "f:2:25: proxy.trusted: expected a list of addresses and networks"},
    {"[nats]\nurl = \"nats://127.0.0.1\"\ncredentials_file = \"/nowhere.creds\"\n",
     "f:3:20: nats.credentials_file \"/nowhere.creds\": No such file"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_THAT(refusal_of(text), HasSubstr(expected));
}

TEST(check_command, says_all_that_is_wrong_at_once) {
  const auto said = refusal_of("[server]\nhost = \"192.0.2.1\"\n[auth]\nrequired = true\n");
  EXPECT_THAT(said, HasSubstr("server.host"));
  EXPECT_THAT(said, HasSubstr("auth.required"));
}

TEST(check_command, sees_the_environment_and_says_what_came_from_there) {
  const folder here;
  const auto name = here.file("troupe.toml", "[server]\nport = 1\n");
  const auto [code, said] = check({.file = name,
                                   .environment = {{"TROUPE_SERVER_PORT", "9000"},
                                                   {"TROUPE_API_KEYS", "sesame-sesame-sesame"},
                                                   {"TROUPE_LOG_LEVEL", ""},
                                                   {"TROUPE_PORT", "9001"}},
                                   .flags = {}});
  EXPECT_EQ(code, exit_ok) << said;
  EXPECT_THAT(said, HasSubstr("TROUPE_SERVER_PORT: server.port = 9000\n"));
  EXPECT_THAT(said, HasSubstr("TROUPE_API_KEYS: api.keys = 1 secret\n"));
  EXPECT_THAT(said, HasSubstr("warning: TROUPE_PORT: no such variable, did you mean "));
  EXPECT_EQ(said.find("sesame"), std::string::npos) << said;
  EXPECT_EQ(said.find("log.level"), std::string::npos) << said;
}

TEST(check_command, blames_the_variable_that_decides) {
  EXPECT_THAT(refusal_of("[auth]\nrequired = false\n", {{"TROUPE_AUTH_REQUIRED", "yes"}}),
              HasSubstr("TROUPE_AUTH_REQUIRED: auth.required: needs auth.secret, "));
  EXPECT_THAT(refusal_of("", {{"TROUPE_SERVER_PORT", "many"}}),
              HasSubstr("TROUPE_SERVER_PORT: server.port: expected an integer"));
}

TEST(listen_address, a_name_stands_for_an_address) {
  EXPECT_EQ(find_listen_address("127.0.0.1").value(), "127.0.0.1");
  EXPECT_EQ(find_listen_address("::").value(), "::");
  EXPECT_EQ(find_listen_address("localhost").value(), "127.0.0.1");
  EXPECT_FALSE(find_listen_address("nowhere.invalid"));
  EXPECT_FALSE(find_listen_address("not a name"));
}

TEST(listen_address, is_told_as_it_is) {
  EXPECT_EQ(describe_listening("127.0.0.1", 8081, false, 0), "http://127.0.0.1:8081/");
  EXPECT_EQ(describe_listening("::1", 8081, true, 0), "https://[::1]:8081/");
  EXPECT_EQ(describe_listening("0.0.0.0", 80, false, 0),
            "0.0.0.0:80 (every IPv4 address), here http://127.0.0.1:80/");
  EXPECT_EQ(describe_listening("::", 80, false, 443),
            "[::]:80 (every address), here http://[::1]:80/, and for TLS alone on port 443");
}
