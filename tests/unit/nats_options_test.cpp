// `[nats]` of the configuration: what is refused, and that no secret is told. And NATS's own keys.
#include "server/bridges/nats_library.hpp"
#include "server/bridges/nats_nkey.hpp"
#include "server/bridges/nats_options.hpp"
#include "server/bridges/nats_url.hpp"
#include "server/bridges/warning_throttle.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace troupe;

namespace {

constexpr std::string_view seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
constexpr std::string_view public_key = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

class nats_options_test : public testing::Test {
protected:
  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "troupe-nats-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    const auto closed = close_nats(5'000);
    EXPECT_TRUE(closed == NATS_OK || closed == NATS_NOT_INITIALIZED) << closed;
  }

  std::string file(const std::string& text) const {
    const auto path = folder_ / "file";
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

private:
  std::filesystem::path folder_;
};

nats_config at(const std::string& url) {
  nats_config out;
  out.url = url;
  return out;
}

// Empty: the settings can be used.
std::string error_of(const nats_config& settings) {
  const auto checked = check_nats(settings);
  return checked ? "" : checked.error();
}

std::string error_of(void (*change)(nats_config&)) {
  auto settings = at("nats://127.0.0.1:4222");
  change(settings);
  return error_of(settings);
}

} // namespace

TEST_F(nats_options_test, urls) {
  for (const auto* right : {"", "nats://localhost", "nats://a:4222,nats://b:4222",
                            "tls://a.example:4443, tls://b.example",
                            "nats://user:pass@localhost:4222", "nats://[::1]:4222"})
    EXPECT_EQ(error_of(at(right)), "") << right;
  for (const auto* wrong :
       {"localhost:4222", "http://localhost", "nats://", "nats://a,,nats://b", "nats://a,",
        "ws://a", "nats://a b", "://a", "nats://a:0", "nats://a:99999", "nats://a:x",
        "nats://:4222", "nats://user:secret", "nats://[::1", "nats://a:4222/x"})
    EXPECT_EQ(error_of(at(wrong)).find("nats.url: "), 0u) << wrong;
}

TEST_F(nats_options_test, a_login_in_a_url_is_percent_encoded) {
  const auto login = [](std::string_view urls) {
    const auto read = nats_urls_login(urls);
    EXPECT_TRUE(read) << urls << ": " << read.error();
    return read.value_or(std::nullopt).value_or(nats_login{"nobody", "", ""});
  };
  EXPECT_EQ(login("nats://a"), (nats_login{"nobody", "", ""}));
  EXPECT_EQ(login("nats://ann:p%40ss@a"), (nats_login{"ann", "p@ss", ""}));
  EXPECT_EQ(login("nats://a%3Ab:%25%2f%3a:%22@a"), (nats_login{"a:b", "%/::\"", ""}))
    << "what is decoded divides nothing";
  EXPECT_EQ(login("nats://t%6Fken%2C%C3%A9+@a"), (nats_login{"", "", "token,é+"}));
  EXPECT_EQ(login("nats://ann:@a"), (nats_login{"ann", "", ""}));
  EXPECT_EQ(login("nats://ann:p@ss/#@a"), (nats_login{"ann", "p@ss/#", ""}));
  EXPECT_EQ(login("nats://a,nats://%61nn:p@b, tls://ann:%70@c"), (nats_login{"ann", "p", ""}))
    << "of one cluster";
  for (const auto* broken : {"nats://ann:p%@a", "nats://ann:p%4@a", "nats://an%xn:p@a",
                             "nats://tok%en@a", "nats://b,nats://ann:50%@a"})
    EXPECT_EQ(error_of(at(broken)),
              "nats.url: what stands before the @ is not percent-encoded: write %25 for %")
      << broken;
  EXPECT_EQ(error_of(at("nats://ann:p@a,nats://ben:p@b")),
            "nats.url: several users: the servers of one cluster have one user for this server");
  for (const auto* wrong : {"nats://ann:p%0ass@a", "nats://a%00b@a", "nats://:pass@a"})
    EXPECT_NE(error_of(at(wrong)), "") << wrong;
}

TEST_F(nats_options_test, openssl_keeps_nothing_that_the_end_of_nats_c_frees) {
  ASSERT_EQ(error_of(at("tls://127.0.0.1:4222")), "");
  EXPECT_EQ(SSL_COMP_get_compression_methods(), nullptr);
  ASSERT_EQ(error_of(at("tls://127.0.0.1:4222")), "");
}

TEST_F(nats_options_test, one_identity_at_a_time) {
  EXPECT_EQ(error_of([](nats_config& c) { c.user = "u", c.password = "p"; }), "");
  EXPECT_EQ(error_of([](nats_config& c) { c.token = "t"; }), "");
  EXPECT_NE(error_of([](nats_config& c) { c.user = "u", c.token = "t"; }), "");
  EXPECT_NE(error_of([](nats_config& c) { c.password = "p"; }), "");
  EXPECT_NE(error_of([](nats_config& c) { c.url = "nats://u:p@a", c.user = "u2"; }), "");
  EXPECT_NE(error_of([](nats_config& c) { c.url = "nats://a,nats://t@b", c.token = "t2"; }), "");
}

TEST_F(nats_options_test, inboxes_begin_with_a_subject) {
  EXPECT_EQ(error_of([](nats_config& c) { c.inbox_prefix = "_INBOX_troupe.a"; }), "");
  EXPECT_EQ(error_of([](nats_config& c) { c.inbox_prefix = "a.>"; }),
            "nats.inbox_prefix: expected parts of a subject with dots between");
  EXPECT_NE(error_of([](nats_config& c) { c.inbox_prefix = "$SYS.a"; }), "");
  EXPECT_NE(error_of([](nats_config& c) { c.inbox_prefix = "a."; }), "");
}

TEST_F(nats_options_test, files_that_cannot_be_used_are_named) {
  EXPECT_EQ(error_of([](nats_config& c) { c.credentials_file = "/nowhere/creds"; }),
            "nats.credentials_file \"/nowhere/creds\": No such file or directory");
  EXPECT_EQ(error_of([](nats_config& c) { c.nkey_seed_file = "/nowhere/seed"; }),
            "nats.nkey_seed_file \"/nowhere/seed\": No such file or directory");
  EXPECT_EQ(error_of([](nats_config& c) { c.tls_ca_file = "/nowhere/ca"; }),
            "nats.tls_ca_file \"/nowhere/ca\": No such file or directory");
  auto settings = at("nats://localhost");
  settings.credentials_file = file("no credentials");
  EXPECT_NE(error_of(settings).find("expected \"-----BEGIN NATS USER JWT-----\""),
            std::string::npos);
  EXPECT_NE(error_of([](nats_config& c) { c.tls_key_file = "/nowhere/key"; }), "");
}

TEST_F(nats_options_test, a_seed_file) {
  auto settings = at("nats://localhost");
  for (const auto& text : {std::string(seed), std::string(seed) + "\r\n",
                           "-----BEGIN USER NKEY SEED-----\n" + std::string(seed) + "\n------\n"}) {
    settings.nkey_seed_file = file(text);
    EXPECT_EQ(error_of(settings), "") << text;
  }
  auto misspelt = std::string(seed);
  std::swap(misspelt[20], misspelt[21]);
  settings.nkey_seed_file = file(misspelt);
  const auto error = error_of(settings);
  EXPECT_NE(error, "");
  EXPECT_EQ(error.find(misspelt.substr(0, 10)), std::string::npos) << error;
}

TEST_F(nats_options_test, secrets_are_not_told) {
  auto settings = at("nats://ann:pa55word@a.example:4222,nats://t0ken@b.example");
  settings.password = "other-pa55";
  settings.token = "s3cret";
  const auto shown = without_secrets(
    "cannot use nats://ann:pa55word@a.example (pa55word), t0ken, other-pa55 or s3cret", settings);
  for (const auto* hidden : {"pa55", "t0ken", "s3cret"})
    EXPECT_EQ(shown.find(hidden), std::string::npos) << shown;
  EXPECT_NE(shown.find("a.example"), std::string::npos) << shown;
  EXPECT_EQ(nats_address("nats://ann:pa55word@a.example:4222"), "nats://a.example:4222");
  EXPECT_EQ(nats_address("tls://a.example:4222"), "tls://a.example:4222");
}

TEST(nats_words, are_those_of_nats_without_secrets) {
  const auto settings = at("nats://:pa55word@a.example");
  EXPECT_EQ(nats_words("(conn.c:1905): Authorization Violation", settings),
            "Authorization Violation");
  EXPECT_EQ(nats_words("(x", settings), "(x");
  EXPECT_EQ(nats_words("at :pa55worda.example", settings), "at ***a.example");
}

TEST(nats_url, addresses_are_shown_without_users) {
  EXPECT_EQ(nats_addresses("nats://ann:x@a:1, tls://b"), "nats://a:1,tls://b");
}

TEST(warning_throttle, each_is_told_once_in_a_while_and_not_too_many) {
  warning_throttle complaints;
  warning_throttle::time_point now{};
  EXPECT_TRUE(complaints.tell("a", now));
  EXPECT_TRUE(complaints.tell("b", now));
  EXPECT_FALSE(complaints.tell("a", now + std::chrono::seconds(59)));
  EXPECT_TRUE(complaints.tell("a", now + std::chrono::seconds(60)));
  now += std::chrono::hours(1);
  for (std::size_t i = 0; i < warning_throttle::told_max; ++i)
    EXPECT_TRUE(complaints.tell(std::to_string(i), now));
  EXPECT_FALSE(complaints.tell("one more", now));
}

TEST(nats_nkey, the_public_key_of_a_seed) {
  const auto keys = nkey_of_seed(seed);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->public_key, public_key);
  EXPECT_EQ(keys->seed, seed);
}

TEST(nats_nkey, what_is_no_seed_of_a_user) {
  EXPECT_FALSE(nkey_of_seed(""));
  EXPECT_FALSE(nkey_of_seed(public_key));
  EXPECT_FALSE(nkey_of_seed(seed.substr(1)));
  for (std::size_t i = 0; i < seed.size(); ++i) {
    std::string wrong(seed);
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(nkey_of_seed(wrong)) << i;
    wrong[i] = '0';
    EXPECT_FALSE(nkey_of_seed(wrong)) << i;
  }
}
