// `[auth]`: what it may say, what the server makes of it, and that a secret is never shown.
#include "server/config/config_value.hpp"
#include "server/config/load_config.hpp"
#include "tests/unit/token_forge.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string configured_secret = "sesame-of-32-bytes-or-a-few-more";

config_result from_variables(std::vector<named_value> variables) {
  return load_config({.file = {}, .environment = std::move(variables), .flags = {}});
}

auth_config auth_loaded(std::vector<named_value> variables) {
  const auto result = from_variables(std::move(variables));
  for (const auto& error : result.errors)
    ADD_FAILURE() << to_string(error);
  return result.value.value_or(config{}).auth;
}

std::string errors_of(const config_result& result) {
  std::string all;
  for (const auto& error : result.errors)
    all += to_string(error) + '\n';
  return all;
}

std::string error_of(const auth_config& settings) {
  const auto made = token_verifier::make(settings);
  return made ? "" : made.error();
}

} // namespace

TEST(token_config, variables_and_words) {
  const auto made = auth_loaded({{"TROUPE_AUTH_SECRET", configured_secret},
                                 {"TROUPE_AUTH_REQUIRED", "True"},
                                 {"TROUPE_AUTH_ALGORITHM", "hs256"},
                                 {"TROUPE_AUTH_REJECT", "HTTP"},
                                 {"TROUPE_AUTH_LEEWAY_SECONDS", "0.5"}});
  EXPECT_EQ(made.secret, configured_secret);
  EXPECT_TRUE(made.required);
  EXPECT_EQ(made.algorithm, auth_algorithm::hs256);
  EXPECT_EQ(made.reject, rejection::http);
  EXPECT_EQ(made.leeway, std::chrono::milliseconds(500));
  EXPECT_EQ(auth_loaded({{"TROUPE_AUTH_ALGORITHM", "EdDSA"}}).algorithm, auth_algorithm::eddsa);
}

TEST(token_config, yes_and_no_in_many_words) {
  for (const auto* yes : {"true", "TRUE", "yes", "on", "1"})
    EXPECT_TRUE(auth_loaded({{"TROUPE_AUTH_REQUIRED", yes}}).required) << yes;
  for (const auto* no : {"false", "No", "off", "0"})
    EXPECT_FALSE(auth_loaded({{"TROUPE_AUTH_REQUIRED", no}}).required) << no;
  for (const auto* neither : {" ", "2", "maybe", " true", "truetrue"})
    EXPECT_EQ(errors_of(from_variables({{"TROUPE_AUTH_REQUIRED", neither}})),
              "TROUPE_AUTH_REQUIRED: auth.required: expected true or false, got \"" +
                std::string(neither) + "\"\n");
}

TEST(token_config, in_a_file_a_word_is_written_as_it_is) {
  const folder here;
  const auto with = [&](const std::string& text) {
    return load_config(
      {.file = here.file("troupe.toml", "[auth]\n" + text), .environment = {}, .flags = {}});
  };
  EXPECT_TRUE(with("required = true\nalgorithm = \"ES256\"\n").value);
  EXPECT_NE(errors_of(with("required = 1\n")).find("expected true or false, got 1"),
            std::string::npos);
  EXPECT_NE(errors_of(with("required = \"true\"\n")).find("expected true or false"),
            std::string::npos);
  EXPECT_NE(errors_of(with("algorithm = \"es256\"\n")).find("auth.algorithm"), std::string::npos);
  EXPECT_NE(errors_of(with("algorithm = \"none\"\n"))
              .find("expected one of auto, HS256, RS256, ES256 or EdDSA, got \"none\""),
            std::string::npos);
}

TEST(token_config, a_secret_is_long_printable_and_never_shown) {
  for (const auto& wrong :
       {std::string("sesame"), std::string("sesame-of-31-bytes-or-a-few-les"),
        std::string(513, 's') + "sesame", configured_secret + "\n", "\xff" + configured_secret}) {
    const auto said = errors_of(from_variables({{"TROUPE_AUTH_SECRET", wrong}}));
    EXPECT_TRUE(said.starts_with("TROUPE_AUTH_SECRET: auth.secret: expected a secret of 32 to 512 "
                                 "bytes of printable text, got a string of " +
                                 std::to_string(wrong.size()) + " bytes"))
      << said;
    EXPECT_EQ(said.find("sesame"), std::string::npos) << said;
  }
  EXPECT_EQ(auth_loaded({{"TROUPE_AUTH_SECRET", ""}}).secret, "");
  const folder here;
  for (const std::string wrong :
       {"\"sesame\"", "[\"sesame\"]", "sesame", "\"sesame", "{sesame = 1}"}) {
    const auto said =
      errors_of(load_config({.file = here.file("troupe.toml", "[auth]\nsecret = " + wrong),
                             .environment = {},
                             .flags = {}}));
    EXPECT_NE(said, "") << wrong;
    EXPECT_EQ(said.find("sesame"), std::string::npos) << said;
  }
}

TEST(token_config, no_keys_and_no_need_for_them_is_no_verifier) {
  const auto made = token_verifier::make({});
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(*made, nullptr);
}

TEST(token_config, what_does_not_fit_together_is_said) {
  const std::string needed = "needs auth.secret, auth.public_key_file or auth.jwks_file";
  auth_config settings;
  settings.required = true;
  EXPECT_EQ(error_of(settings), "auth.required: " + needed);
  settings = {};
  settings.algorithm = auth_algorithm::rs256;
  EXPECT_EQ(error_of(settings), "auth.algorithm: " + needed);
  settings.secret = configured_secret;
  EXPECT_EQ(error_of(settings), "auth.secret: is for HS256, but auth.algorithm is RS256");
  settings = {};
  settings.secret = "sesame";
  EXPECT_EQ(error_of(settings), "auth.secret: expected at least 32 bytes, got 6");
  settings.secret = signing_key::curve().public_pem();
  EXPECT_EQ(error_of(settings),
            "auth.secret: is a PEM key; a public key belongs into auth.public_key_file");
}

TEST(token_config, files_that_will_not_do) {
  const folder here;
  const auto key = signing_key::curve();
  auth_config settings;
  settings.public_key_file = "/nowhere/key.pem";
  EXPECT_EQ(error_of(settings), "auth.public_key_file: /nowhere/key.pem: cannot be read: No such "
                                "file or directory");
  settings.public_key_file = "/dev/zero";
  EXPECT_EQ(error_of(settings), "auth.public_key_file: /dev/zero: is not a regular file");
  settings.public_key_file = here.file("private.pem", key.private_pem());
  EXPECT_NE(error_of(settings).find("a private key"), std::string::npos);
  settings.public_key_file = here.file("key.pem", key.public_pem());
  EXPECT_EQ(error_of(settings), "");
  settings.algorithm = auth_algorithm::hs256;
  EXPECT_NE(error_of(settings).find("a key for ES256, but auth.algorithm is HS256"),
            std::string::npos);
  settings = {};
  settings.jwks_file = here.file("jwks.json", "{}");
  EXPECT_NE(error_of(settings).find("auth.jwks_file: "), std::string::npos);
  settings.jwks_file = here.file("big.json", std::string(300'000, ' '));
  EXPECT_NE(error_of(settings).find("more than 262144 bytes"), std::string::npos);
  settings.jwks_file = here.file("set.json", json{{"keys", {key.jwk("k")}}}.dump());
  settings.algorithm = auth_algorithm::rs256;
  EXPECT_NE(error_of(settings).find("no key for RS256, which auth.algorithm asks for"),
            std::string::npos);
}
