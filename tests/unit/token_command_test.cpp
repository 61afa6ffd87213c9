// `troupe token`: what it makes a server takes, and what no server would take it does not make.
#include "server/auth/token_command.hpp"
#include "server/cli.hpp"
#include "tests/unit/token_forge.hpp"

#include <CLI/App.hpp>

#include <cstdlib>
#include <sstream>

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string secret = "sesame-of-32-bytes-or-a-few-more";

token_command some() {
  token_command wanted;
  wanted.user = "u1";
  wanted.secret = secret;
  return wanted;
}

std::string minted(const token_command& wanted) {
  const auto token = mint_token(wanted, at(now_seconds));
  EXPECT_TRUE(token) << token.error();
  return token.value_or("");
}

std::string error_of(const token_command& wanted) {
  const auto token = mint_token(wanted, at(now_seconds));
  return token ? "" : token.error();
}

identity bearer_of(const std::string& token) {
  auth_config settings;
  settings.secret = secret;
  const auto bearer = verifier_for(settings)->verify(token, at(now_seconds));
  EXPECT_TRUE(bearer) << bearer.error().why;
  return bearer ? **bearer : identity{};
}

struct parsed {
  CLI::App app;
  std::ostringstream out, err;
  command chosen = command_done{-1};

  explicit parsed(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"troupe", "token"});
    chosen =
      parse_command_line(app, static_cast<int>(arguments.size()), arguments.data(), out, err);
  }
  const token_command* wanted() const { return std::get_if<token_command>(&chosen); }
};

} // namespace

TEST(token_command, what_is_asked_for_is_in_the_token) {
  auto wanted = some();
  wanted.username = "Ann";
  wanted.roles = {"admin", "staff"};
  wanted.permissions = {"subscribe:orders.*"};
  wanted.expires_seconds = 60;
  const auto token = minted(wanted);
  const auto who = bearer_of(token);
  EXPECT_EQ(who.user_id, "u1");
  EXPECT_EQ(who.username, "Ann");
  EXPECT_EQ(who.roles, wanted.roles);
  EXPECT_EQ(who.permissions, wanted.permissions);
  EXPECT_EQ(who.expires, at(now_seconds + 60));
  EXPECT_EQ(who.token_id.size(), 22u);
  EXPECT_NE(who.token_id, bearer_of(minted(wanted)).token_id);
  EXPECT_TRUE(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.")) << token;
}

TEST(token_command, another_claim_and_never_in_the_place_of_one) {
  auto wanted = some();
  wanted.claims = {"tenant=acme", "user_id=somebody", "exp=1"};
  auth_config settings;
  settings.secret = secret;
  const auto verifier = token_verifier::make(settings, {"tenant"});
  ASSERT_TRUE(verifier);
  const auto who = (*verifier)->verify(minted(wanted), at(now_seconds));
  ASSERT_TRUE(who);
  EXPECT_EQ((*who)->claim("tenant"), "acme");
  EXPECT_EQ((*who)->user_id, "u1");
  wanted.claims = {"tenant"};
  EXPECT_EQ(error_of(wanted), "--claim: expected NAME=VALUE");
}

TEST(token_command, an_issuer_and_an_audience) {
  auth_config settings;
  settings.secret = secret;
  settings.issuer = "me";
  settings.audience = "troupe";
  const auto verifier = verifier_for(settings);
  auto wanted = some();
  EXPECT_EQ(verdict(*verifier, minted(wanted)), "iss is not the issuer");
  wanted.issuer = "me";
  wanted.audience = "troupe";
  EXPECT_EQ(verdict(*verifier, minted(wanted)), "accepted");
}

TEST(token_command, what_no_server_takes_is_not_made) {
  auto wanted = some();
  wanted.secret.clear();
  EXPECT_EQ(error_of(wanted), "a secret is needed: TROUPE_AUTH_SECRET or --secret");
  wanted.secret = "sesame";
  EXPECT_EQ(error_of(wanted), "auth.secret: expected at least 32 bytes, got 6");
  wanted = some();
  wanted.user = "two\nlines";
  EXPECT_EQ(error_of(wanted), "no server would take this token: user_id is not a name");
  wanted = some();
  wanted.roles = {""};
  EXPECT_NE(error_of(wanted).find("roles"), std::string::npos);
  wanted = some();
  wanted.username = "\xff";
  EXPECT_EQ(error_of(wanted), "a value is not UTF-8");
  wanted.username = "A\u202enn";
  EXPECT_EQ(error_of(wanted), "no server would show this username");
  wanted = some();
  wanted.permissions = std::vector<std::string>(200, std::string(60, 'p'));
  EXPECT_NE(error_of(wanted).find("longer than 8192 bytes"), std::string::npos);
}

TEST(token_command, flags) {
  const parsed p({"--user", "u1", "--role", "a", "--username", "Ann", "--role=b", "--permission",
                  "join:*", "--expires", "5", "--secret", secret.c_str()});
  ASSERT_NE(p.wanted(), nullptr) << p.err.str();
  EXPECT_EQ(p.wanted()->user, "u1");
  EXPECT_EQ(p.wanted()->username, "Ann");
  EXPECT_EQ(p.wanted()->roles, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(p.wanted()->permissions, std::vector<std::string>{"join:*"});
  EXPECT_EQ(p.wanted()->expires_seconds, 5);
  EXPECT_EQ(p.wanted()->secret, secret);
}

TEST(token_command, a_secret_from_the_environment) {
  ASSERT_EQ(setenv("TROUPE_AUTH_SECRET", secret.c_str(), 1), 0);
  const parsed from_variable({"--user", "u1"});
  const parsed from_flag({"--user", "u1", "--secret", "another"});
  const parsed help({"--help"});
  ASSERT_EQ(unsetenv("TROUPE_AUTH_SECRET"), 0);
  ASSERT_NE(from_variable.wanted(), nullptr);
  EXPECT_EQ(from_variable.wanted()->secret, secret);
  EXPECT_EQ(from_variable.wanted()->expires_seconds, 3600);
  ASSERT_NE(from_flag.wanted(), nullptr);
  EXPECT_EQ(from_flag.wanted()->secret, "another");
  EXPECT_NE(help.out.str().find("TROUPE_AUTH_SECRET"), std::string::npos) << help.out.str();
  EXPECT_EQ(help.out.str().find("sesame"), std::string::npos) << help.out.str();
}

TEST(token_command, wrong_usage_is_said_without_the_secret) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
         {},
         {"--secret", "sesame"},
         {"--user", "u1", "sesame"},
         {"--user", "u1", "--role", "a", "sesame"},
         {"--user", "u1", "--secrt", "sesame"},
         {"--user", "u1", "--expires", "0", "--secret", "sesame"},
         {"--user", "u1", "--expires", "soon", "--secret=sesame"},
         {"--user"}}) {
    const parsed p(arguments);
    ASSERT_TRUE(std::holds_alternative<command_done>(p.chosen));
    EXPECT_EQ(std::get<command_done>(p.chosen).exit_code, exit_usage);
    EXPECT_NE(p.err.str(), "");
    EXPECT_EQ(p.err.str().find("sesame"), std::string::npos) << p.err.str();
  }
}

TEST(token_command, prints_the_token_or_what_is_wrong) {
  std::ostringstream out, err;
  EXPECT_EQ(run_token(some(), out, err), exit_ok);
  EXPECT_EQ(err.str(), "");
  const auto text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '.'), 2);
  EXPECT_TRUE(text.ends_with('\n'));

  out.str("");
  auto wanted = some();
  wanted.secret = "short-sesame";
  EXPECT_EQ(run_token(wanted, out, err), exit_usage);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(err.str(), "troupe token: auth.secret: expected at least 32 bytes, got 12\n");
}
