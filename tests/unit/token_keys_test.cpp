// Keys: which are taken from PEM files and JWK sets, which are not, and how they rotate.
#include "server/auth/jwks.hpp"
#include "server/auth/key_file.hpp"
#include "server/log/log.hpp"
#include "tests/unit/token_forge.hpp"

#include <atomic>
#include <thread>

#include <fcntl.h>

using namespace troupe;
using namespace troupe::test;

namespace {

std::string token_by(const signing_key& key, std::string_view algorithm, const char* id = nullptr,
                     const char* user = "u1") {
  json header{{"alg", algorithm}};
  if (id)
    header["kid"] = id;
  return signed_token(header.dump(), json{{"user_id", user}, {"username", "Ann"}}.dump(), key);
}

std::string set_of(std::initializer_list<json> keys) {
  return json{{"keys", json::array_t(keys)}}.dump();
}

std::string jwks_error(const std::string& text) {
  const auto keys = read_jwks(text);
  return keys ? "accepted" : keys.error();
}

std::size_t jwks_count(const std::string& text) {
  const auto found = read_jwks(text);
  return found ? found->keys.size() : 0;
}

std::string pem_error(const std::string& text) {
  const auto keys = read_pem_keys(text);
  return keys ? "accepted" : keys.error();
}

// A PEM block with two more bytes than the key of 91 bytes in it has.
std::string with_more_bytes(std::string pem) {
  const auto padding = pem.find("==\n-----END");
  EXPECT_NE(padding, std::string::npos);
  return pem.replace(padding, 2, "AA");
}

json changed(json key, const char* name, json value) {
  key[name] = std::move(value);
  return key;
}

const signing_key& rsa() {
  static const auto key = signing_key::rsa();
  return key;
}

class token_keys_test : public testing::Test {
protected:
  auth_config jwks(const std::string& text) {
    auth_config settings;
    settings.jwks_file = folder_.file("jwks.json", text);
    return settings;
  }
  folder folder_;
};

} // namespace

// The examples of the standards, which others have signed: RFC 7515 A.1 to A.3, RFC 8037 A.4.
TEST_F(token_keys_test, the_signatures_of_the_standards) {
  const std::string payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtc"
                              "GxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const struct {
    std::string key, text, signature;
  } vectors[] = {
    {R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUu)"
     R"(TwjAzZr1Z9CAow"})",
     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + payload,
     "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    {R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHm)"
     R"(fHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9)"
     R"(wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4u)"
     R"(DZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb)"
     R"(54h4FRWyuXpoQ"})",
     "eyJhbGciOiJSUzI1NiJ9." + payload,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
     "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
     "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
     "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
     R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
     "eyJhbGciOiJFUzI1NiJ9." + payload,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
  };
  for (const auto& [key, text, signature] : vectors) {
    const auto keys = read_jwks(R"({"keys":[)" + key + "]}");
    ASSERT_TRUE(keys) << keys.error();
    const auto& only = keys->keys.at(0);
    EXPECT_TRUE(only.verifies(text, base64url_decode(signature).value())) << text;
    EXPECT_FALSE(only.verifies(text + "x", base64url_decode(signature).value())) << text;
  }
}

TEST_F(token_keys_test, a_kid_chooses_among_keys_of_every_kind) {
  const auto curve = signing_key::curve(), edwards = signing_key::ed25519(),
             secret = signing_key::of(token_algorithm::hs256);
  const auto verifier =
    verifier_for(jwks(set_of({rsa().jwk("r"), curve.jwk("c"), edwards.jwk("e"), secret.jwk("s")})));
  const struct {
    const signing_key& key;
    const char *algorithm, *id, *another;
  } each[] = {{rsa(), "RS256", "r", "c"},
              {curve, "ES256", "c", "e"},
              {edwards, "EdDSA", "e", "s"},
              {secret, "HS256", "s", "r"}};
  for (const auto& [key, algorithm, id, another] : each) {
    EXPECT_EQ(verdict(*verifier, token_by(key, algorithm, id)), "accepted");
    EXPECT_EQ(verdict(*verifier, token_by(key, algorithm)), "accepted") << "without a kid";
    EXPECT_EQ(verdict(*verifier, token_by(key, algorithm, another)), "its alg is not the key's");
    EXPECT_EQ(verdict(*verifier, token_by(key, algorithm, "x")), "no key has its kid");
  }
  EXPECT_EQ(verdict(*verifier, token_by(edwards, "ES256", "c")), "the signature is wrong");
}

TEST_F(token_keys_test, a_public_key_of_a_set_is_no_secret) {
  const auto jwk = rsa().jwk("r");
  const auto verifier = verifier_for(jwks(set_of({jwk})));
  for (const auto& secret :
       {rsa().public_pem(), jwk.dump(), base64url_decode(jwk["n"].get<std::string>()).value(),
        jwk["n"].get<std::string>()})
    for (const auto* id : {"r", static_cast<const char*>(nullptr)})
      EXPECT_EQ(verdict(*verifier, token_by(signing_key::secret(secret), "HS256", id)),
                "its alg is not the key's");
}

TEST_F(token_keys_test, a_secret_a_file_and_a_set_at_once) {
  const auto curve = signing_key::curve(), edwards = signing_key::ed25519(),
             secret = signing_key::of(token_algorithm::hs256);
  auto settings = jwks(set_of({edwards.jwk("e")}));
  settings.public_key_file =
    folder_.file("keys.pem", rsa().public_pem() + "\nand another\n" + curve.public_pem());
  settings.secret = secret.secret_text();
  const auto verifier = verifier_for(settings);
  EXPECT_EQ(verdict(*verifier, token_by(rsa(), "RS256")), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(curve, "ES256")), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(edwards, "EdDSA", "e")), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(secret, "HS256")), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(edwards, "EdDSA", "x")), "its alg is not the key's");
  EXPECT_EQ(verdict(*verifier, token_by(signing_key::secret(rsa().public_pem()), "HS256")),
            "the signature is wrong");
}

TEST_F(token_keys_test, the_configured_algorithm_is_the_only_one) {
  const auto curve = signing_key::curve();
  auto settings = jwks(set_of({rsa().jwk("r"), curve.jwk("c")}));
  settings.algorithm = auth_algorithm::es256;
  const auto verifier = verifier_for(settings);
  EXPECT_EQ(verdict(*verifier, token_by(curve, "ES256", "c")), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(rsa(), "RS256", "r")), "no key has its kid");
  EXPECT_EQ(verdict(*verifier, token_by(rsa(), "RS256")), "its alg is not the key's");
}

TEST(token_jwks, keys_for_something_else_are_left_out) {
  const auto key = rsa().jwk("a");
  const auto curve = signing_key::curve().jwk("c");
  for (const auto& other :
       {changed(key, "use", "enc"), changed(key, "use", 1), changed(key, "alg", "RS512"),
        changed(key, "alg", "HS256"), changed(key, "alg", nullptr), changed(key, "kty", "new"),
        changed(key, "key_ops", {"sign"}), changed(curve, "crv", "P-384"),
        changed(curve, "alg", "RS256")}) {
    EXPECT_EQ(jwks_count(set_of({key, other})), 1u) << other;
    EXPECT_TRUE(jwks_error(set_of({other})).starts_with("no key that tokens can be checked with"))
      << other;
  }
  for (const auto& fine : {changed(key, "alg", "RS256"), changed(key, "key_ops", {"verify"}),
                           changed(key, "x5t", "whatever")})
    EXPECT_EQ(jwks_count(set_of({fine})), 1u) << fine;
}

TEST(token_jwks, a_key_that_cannot_be_used_is_named_and_spoils_no_other) {
  const auto key = rsa().jwk("a");
  const auto curve = signing_key::curve().jwk("c");
  const auto edwards = signing_key::ed25519().jwk("e");
  const auto secret = signing_key::secret(std::string(31, 's')).jwk("s");
  std::string where = "key 2 \"a\": ";
  const auto two = [&](const json& broken) -> std::string {
    const auto found = read_jwks(set_of({key, broken, key}));
    if (!found)
      return found.error();
    EXPECT_EQ(found->keys.size(), 2u) << broken;
    EXPECT_EQ(jwks_error(set_of({broken})).substr(0, 45),
              "no key that tokens can be checked with: key 1");
    return found->skipped.size() == 1 ? found->skipped.front() : "";
  };
  EXPECT_EQ(two(changed(key, "n", "AQAB")), where + "an RSA key of 17 bits, expected 2048 to 8192");
  EXPECT_EQ(two(signing_key::rsa(1024).jwk("a")),
            where + "an RSA key of 1024 bits, expected 2048 to 8192");
  EXPECT_EQ(two(changed(key, "e", "AA")), where + "not a valid key");
  EXPECT_EQ(two(changed(key, "e", "AQ")), where + "not a valid key") << "signs everything";
  EXPECT_EQ(two(changed(key, "e", base64url_encode(std::string(9, 'e')))),
            where + "an RSA key with a number too long");
  EXPECT_EQ(two(changed(key, "n", base64url_encode(std::string(1025, 'n')))),
            where + "an RSA key with a number too long");
  EXPECT_EQ(two(changed(key, "d", "AQAB")),
            where + "a private key, which no server that only checks tokens should have");
  EXPECT_EQ(two(changed(key, "alg", "RS512")),
            where + "another kind, curve or algorithm than those of HS256, RS256, ES256 and EdDSA");
  where = "key 2 \"c\": ";
  EXPECT_EQ(two(changed(curve, "x", curve["y"])), where + "not a valid key") << "on no curve";
  EXPECT_EQ(two(changed(curve, "x", "AAAA")),
            where + "coordinates of another length than 32 bytes");
  EXPECT_EQ(two(changed(curve, "x", 1)), where + "coordinates of another length than 32 bytes");
  EXPECT_EQ(two(changed(edwards, "x", "AAAA")),
            "key 2 \"e\": a key of another length than 32 bytes");
  EXPECT_EQ(two(secret), "key 2 \"s\": a secret of fewer than 32 bytes");
  where = "key 2: ";
  EXPECT_EQ(two(changed(key, "kid", 7)), where + "kid is not a string");
  EXPECT_EQ(two(json::object()), where + "kty is missing");
  EXPECT_EQ(two("key"), where + "not an object");
}

TEST(token_jwks, nothing_is_said_of_keys_for_other_purposes) {
  const auto key = rsa().jwk("a");
  for (const auto& other : {changed(key, "use", "enc"), changed(key, "key_ops", {"sign"})})
    EXPECT_EQ(read_jwks(set_of({key, other})).value().skipped, std::vector<std::string>{}) << other;
}

TEST(token_jwks, a_set_without_a_usable_key_says_why_for_some) {
  const auto weak = signing_key::secret("short").jwk("s");
  EXPECT_EQ(jwks_error(set_of({weak})), "no key that tokens can be checked with: key 1 \"s\": a "
                                        "secret of fewer than 32 bytes");
  EXPECT_TRUE(jwks_error(set_of({weak, weak, weak, weak})).ends_with("; and so on"));
}

TEST(token_jwks, texts_that_are_no_set) {
  EXPECT_EQ(jwks_error(""), "not a JSON object");
  EXPECT_EQ(jwks_error("[]"), "not a JSON object");
  EXPECT_EQ(jwks_error(R"({"keys":[],"keys":[]})"), "not a JSON object");
  EXPECT_EQ(jwks_error("{}"), "has no array `keys`");
  EXPECT_EQ(jwks_error(R"({"keys":{}})"), "has no array `keys`");
  EXPECT_EQ(jwks_error(R"({"keys":[]})"), "no key that tokens can be checked with");
  EXPECT_EQ(jwks_error(json{{"keys", json::array_t(65, rsa().jwk("a"))}}.dump()),
            "more than 64 keys");
}

TEST(token_pem, what_is_taken_and_what_is_not) {
  const auto curve = signing_key::curve();
  EXPECT_EQ(pem_error(rsa().public_pem()), "accepted");
  EXPECT_EQ(pem_error("a comment\n" + curve.public_pem() + "\n\n" + rsa().public_pem()),
            "accepted");
  EXPECT_EQ(pem_error(""), "no PEM block BEGIN PUBLIC KEY");
  EXPECT_EQ(pem_error("a secret of thirty-two bytes or so"), "no PEM block BEGIN PUBLIC KEY");
  EXPECT_EQ(pem_error(curve.private_pem()),
            "a private key, which no server that only checks tokens should have");
  EXPECT_EQ(pem_error(curve.public_pem() + rsa().private_pem()),
            "a private key, which no server that only checks tokens should have");
  EXPECT_EQ(pem_error("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "a PEM block of another kind than PUBLIC KEY");
  EXPECT_EQ(pem_error("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), "not a key");
  EXPECT_EQ(pem_error(with_more_bytes(curve.public_pem())), "not a key");
  EXPECT_EQ(pem_error(rsa().public_pem().substr(0, 200)), "not PEM");
  EXPECT_EQ(pem_error(signing_key::curve("P-384").public_pem()),
            "a key on another curve than P-256");
  EXPECT_EQ(pem_error(signing_key::curve("secp256k1").public_pem()),
            "a key on another curve than P-256");
  EXPECT_EQ(pem_error(signing_key::rsa(1024).public_pem()),
            "an RSA key of 1024 bits, expected 2048 to 8192");
}

TEST_F(token_keys_test, a_set_that_is_rewritten_counts_from_the_next_second) {
  const auto before = signing_key::curve(), after = signing_key::curve();
  const auto verifier = verifier_for(jwks(set_of({before.jwk("1")})));
  const auto old_token = token_by(before, "ES256", "1"), new_token = token_by(after, "ES256", "2");
  double now = now_seconds;
  EXPECT_EQ(verdict(*verifier, old_token, now), "accepted");

  // Both for a while, then only the new one.
  folder_.file("jwks.json", set_of({before.jwk("1"), after.jwk("2")}));
  EXPECT_EQ(verdict(*verifier, new_token, now + 0.999), "no key has its kid")
    << "the file is looked at once a second";
  now += 1;
  EXPECT_EQ(verdict(*verifier, new_token, now), "accepted");
  EXPECT_EQ(verdict(*verifier, old_token, now), "accepted");

  folder_.file("jwks.json", set_of({after.jwk("2")}));
  now += 1;
  EXPECT_EQ(verdict(*verifier, old_token, now), "no key has its kid");
  EXPECT_EQ(verdict(*verifier, new_token, now), "accepted");

  // By renaming, as an orchestrator does, and with a clock that was set back.
  const auto next = folder_.file("next.json", set_of({before.jwk("1")}));
  std::filesystem::rename(next, std::filesystem::path(next).replace_filename("jwks.json"));
  now -= 3600;
  EXPECT_EQ(verdict(*verifier, old_token, now), "accepted");
  EXPECT_EQ(verdict(*verifier, new_token, now), "no key has its kid");
}

// So fast that on some kernels the times of the file stay the same.
TEST_F(token_keys_test, another_key_of_the_same_id_and_size_again_and_again) {
  const std::array keys{signing_key::ed25519(), signing_key::ed25519()};
  const std::array sets{set_of({keys[0].jwk("k")}), set_of({keys[1].jwk("k")})};
  const std::array tokens{token_by(keys[0], "EdDSA", "k"), token_by(keys[1], "EdDSA", "k")};
  const auto verifier = verifier_for(jwks(sets[0]));
  for (std::size_t round = 1; round < 200; ++round) {
    const auto now = now_seconds + static_cast<double>(round);
    folder_.file("jwks.json", sets[round % 2]);
    ASSERT_EQ(verdict(*verifier, tokens[round % 2], now), "accepted") << round;
    ASSERT_EQ(verdict(*verifier, tokens[(round + 1) % 2], now), "the signature is wrong") << round;
  }
}

TEST_F(token_keys_test, a_pem_file_rotates_too) {
  const auto before = signing_key::curve(), after = signing_key::ed25519();
  auth_config settings;
  settings.public_key_file = folder_.file("key.pem", before.public_pem());
  const auto verifier = verifier_for(settings);
  EXPECT_EQ(verdict(*verifier, token_by(before, "ES256"), now_seconds), "accepted");
  folder_.file("key.pem", after.public_pem());
  EXPECT_EQ(verdict(*verifier, token_by(after, "EdDSA"), now_seconds + 1), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(before, "ES256"), now_seconds + 1),
            "its alg is not the key's");
}

TEST_F(token_keys_test, a_file_that_breaks_keeps_the_old_keys_and_is_logged_once) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  start_logging({log_level::error, log_format::text}, ends[1]);
  const auto key = signing_key::curve();
  const auto path = jwks(set_of({key.jwk("k")})).jwks_file;
  auth_config settings;
  settings.jwks_file = path;
  const auto verifier = verifier_for(settings);
  const auto token = token_by(key, "ES256", "k");
  double now = now_seconds;
  for (const auto* broken : {"", "{\"keys\":[{\"kty\":\"EC\",\"k\":\"sesame\"", "{\"keys\":[]}"}) {
    folder_.file("jwks.json", broken);
    for (int second = 0; second < 3; ++second)
      EXPECT_EQ(verdict(*verifier, token, now += 1), "accepted") << broken;
  }
  std::filesystem::remove(path);
  for (int second = 0; second < 3; ++second)
    EXPECT_EQ(verdict(*verifier, token, now += 1), "accepted") << "removed";
  folder_.file("jwks.json", set_of({signing_key::curve().jwk("k")}));
  EXPECT_EQ(verdict(*verifier, token, now += 1), "the signature is wrong") << "mended";

  stop_logging();
  ::close(ends[1]);
  std::string log(16 * 1024, '\0');
  log.resize(
    static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[0], log.data(), log.size()))));
  ::close(ends[0]);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 4) << log;
  EXPECT_NE(log.find("token keys not read, the old ones stay"), std::string::npos) << log;
  EXPECT_NE(log.find("No such file"), std::string::npos) << log;
  EXPECT_EQ(log.find("sesame"), std::string::npos) << log;
}

TEST_F(token_keys_test, a_weak_key_beside_a_good_one_is_skipped_at_the_start_and_at_a_rotation) {
  const auto good = signing_key::curve(), next = signing_key::curve();
  const auto weak = signing_key::rsa(1024);
  const auto verifier = verifier_for(jwks(set_of({weak.jwk("weak"), good.jwk("good")})));
  ASSERT_EQ(verifier->warnings().size(), 1u);
  EXPECT_TRUE(verifier->warnings()[0].starts_with("auth.jwks_file: /"));
  EXPECT_TRUE(verifier->warnings()[0].ends_with(
    "key 1 \"weak\": an RSA key of 1024 bits, expected 2048 to 8192"));
  EXPECT_EQ(verdict(*verifier, token_by(good, "ES256", "good")), "accepted");
  EXPECT_EQ(verdict(*verifier, token_by(weak, "RS256", "weak")), "no key has its kid");

  folder_.file("jwks.json", set_of({next.jwk("next"), weak.jwk("weak")}));
  EXPECT_EQ(verdict(*verifier, token_by(next, "ES256", "next"), now_seconds + 1), "accepted");
  folder_.file("jwks.json", set_of({weak.jwk("weak")}));
  EXPECT_EQ(verdict(*verifier, token_by(next, "ES256", "next"), now_seconds + 2), "accepted")
    << "a set without a usable key is an error, and the old ones stay";
}

TEST_F(token_keys_test, a_key_without_an_id_is_tried_for_any_kid) {
  const auto curve = signing_key::curve(), other = signing_key::curve();
  auto nameless = curve.jwk("");
  nameless.erase("kid");
  auth_config pem, secret;
  pem.public_key_file = folder_.file("key.pem", curve.public_pem());
  const auto hs256 = signing_key::of(token_algorithm::hs256);
  secret.secret = hs256.secret_text();
  for (const auto* id : {"2026-01", "", static_cast<const char*>(nullptr)}) {
    EXPECT_EQ(verdict(*verifier_for(pem), token_by(curve, "ES256", id)), "accepted");
    EXPECT_EQ(verdict(*verifier_for(secret), token_by(hs256, "HS256", id)), "accepted");
    for (const auto& set : {set_of({nameless}), set_of({other.jwk("x"), nameless})})
      EXPECT_EQ(verdict(*verifier_for(jwks(set)), token_by(curve, "ES256", id)), "accepted");
    EXPECT_EQ(verdict(*verifier_for(pem), token_by(other, "ES256", id)), "the signature is wrong");
  }
  const auto both = verifier_for(jwks(set_of({other.jwk("x"), nameless})));
  EXPECT_EQ(verdict(*both, token_by(other, "ES256", "y")), "the signature is wrong")
    << "a key with an id is for that id alone";
}

TEST_F(token_keys_test, keys_rotate_while_many_threads_verify) {
  const auto constant = signing_key::ed25519();
  const auto verifier = verifier_for(jwks(set_of({constant.jwk("k")})));
  const auto token = token_by(constant, "EdDSA", "k");
  const auto longer = set_of({constant.jwk("k"), signing_key::ed25519().jwk("new")});
  const auto shorter = set_of({constant.jwk("k")});
  std::atomic<int> second{0};
  std::atomic<bool> done{false};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      do
        refused += verdict(*verifier, token, now_seconds + second) != "accepted";
      while (!done);
    });
  for (int round = 0; round < 100; ++round) {
    folder_.file("jwks.json", round % 2 ? longer : shorter);
    ++second;
    EXPECT_EQ(verdict(*verifier, token, now_seconds + second), "accepted");
  }
  done = true;
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(refused, 0);
}
