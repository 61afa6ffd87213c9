// Every attack on a token, against every algorithm: what is refused, and that it is for the reason
// the attack is about. Only the untouched token comes in.
#include "server/auth/jwt.hpp"
#include "tests/unit/token_forge.hpp"

#include <functional>

using namespace troupe;
using namespace troupe::test;

namespace {

json claims(double lifetime = 600) {
  return {{"user_id", "u1"},         {"username", "Ann"},
          {"roles", {"staff"}},      {"iss", "https://issuer"},
          {"aud", "troupe"},         {"iat", now_seconds},
          {"nbf", now_seconds - 10}, {"exp", now_seconds + lifetime}};
}

json with(const char* name, json value) {
  auto changed = claims();
  changed[name] = std::move(value);
  return changed;
}

json without(const char* name) {
  auto changed = claims();
  changed.erase(name);
  return changed;
}

// Keys take a while to make: once for all tests. `wrong` is of the same kind.
struct pair_of_keys {
  signing_key right, wrong;
};

const pair_of_keys& keys_of(token_algorithm algorithm) {
  static const std::array<pair_of_keys, 4> all = [] {
    const auto pair = [](token_algorithm a) {
      return pair_of_keys{signing_key::of(a), signing_key::of(a)};
    };
    return std::array{pair(token_algorithm::hs256), pair(token_algorithm::rs256),
                      pair(token_algorithm::es256), pair(token_algorithm::eddsa)};
  }();
  return all[static_cast<std::size_t>(algorithm)];
}

class token_attacks : public testing::TestWithParam<token_algorithm> {
protected:
  void SetUp() override {
    auth_config settings;
    settings.issuer = "https://issuer";
    settings.audience = "troupe";
    settings.leeway = std::chrono::seconds(5);
    if (GetParam() == token_algorithm::hs256)
      settings.secret = key().secret_text();
    else
      settings.public_key_file = folder_.file("key.pem", key().public_pem());
    verifier_ = verifier_for(settings);
    ASSERT_NE(verifier_, nullptr);
    ASSERT_EQ(verdict(*verifier_, honest()), "accepted");
  }

  const signing_key& key() const { return keys_of(GetParam()).right; }
  std::string algorithm() const { return std::string(name_of(GetParam())); }

  std::string token(const json& payload, const std::string& header) const {
    return signed_token(header, payload.dump(), key());
  }
  std::string token(const json& payload) const { return token(payload, header_of(algorithm())); }
  std::string honest() const { return token(claims()); }

  void refused(const std::string& token, const std::string& why, const std::string& what = {}) {
    EXPECT_EQ(verdict(*verifier_, token), why) << what;
  }
  // For payloads and headers that no JSON library would write.
  void payload_refused(const std::string& payload, const std::string& why) {
    refused(signed_token(header_of(algorithm()), payload, key()), why, payload);
  }
  void header_refused(const std::string& header, const std::string& why) {
    refused(signed_token(header, claims().dump(), key()), why, header);
  }

  folder folder_;
  verifier_ptr verifier_;
};

std::string other_case(std::string word, unsigned bits) {
  for (std::size_t i = 0; i < word.size(); ++i)
    if (bits >> i & 1)
      word[i] = static_cast<char>(word[i] ^ 0x20);
  return word;
}

} // namespace

TEST_P(token_attacks, alg_none_in_every_case) {
  const std::string why = "the header's alg is none of HS256, RS256, ES256, EdDSA";
  for (unsigned bits = 0; bits < 16; ++bits) {
    const auto header = header_of(other_case("none", bits));
    refused(token(claims(), header), why, header);
    const auto text = base64url_encode(header) + '.' + base64url_encode(claims().dump());
    refused(text + ".AA", why, header);
    refused(text + '.', "a part is empty", header);
    refused(text, "not three parts with dots between", header);
  }
}

TEST_P(token_attacks, an_algorithm_that_is_not_the_keys) {
  for (const auto* name : {"HS256", "RS256", "ES256", "EdDSA"})
    if (name != algorithm())
      header_refused(header_of(name), "its alg is not the key's");
  for (const auto* name : {"HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES512", "ES256K",
                           "Ed25519", "hs256", "rs256", "eddsa", "EDDSA", "auto", "HS256 ", ""})
    header_refused(header_of(name), "the header's alg is none of HS256, RS256, ES256, EdDSA");
  header_refused(R"({"alg":["HS256"]})", "the header has no alg");
  header_refused(R"({"typ":"JWT"})", "the header has no alg");
}

TEST_P(token_attacks, a_public_key_is_no_secret) {
  if (GetParam() == token_algorithm::hs256) {
    // The other way about: a token signed with a pair of keys, for a server that has a secret.
    refused(
      signed_token(header_of("RS256"), claims().dump(), keys_of(token_algorithm::rs256).right),
      "its alg is not the key's");
    return;
  }
  auto pem = key().public_pem();
  for (const auto& secret : {pem, pem.substr(0, pem.size() - 1), key().jwk("a").dump(),
                             std::string{}, std::string(64, '\0')})
    refused(signed_token(header_of("HS256"), claims().dump(), signing_key::secret(secret)),
            "its alg is not the key's");
}

TEST_P(token_attacks, a_key_of_the_attackers) {
  const auto& wrong = keys_of(GetParam()).wrong;
  refused(signed_token(header_of(algorithm()), claims().dump(), wrong), "the signature is wrong");
  // A header that brings its own key is not believed.
  json header{{"alg", algorithm()}, {"jwk", wrong.jwk("a")}, {"jku", "https://evil/jwks"}};
  refused(signed_token(header.dump(), claims().dump(), wrong), "the signature is wrong");
  header["kid"] = "a";
  refused(signed_token(header.dump(), claims().dump(), wrong), "the signature is wrong");
}

TEST_P(token_attacks, a_key_id_that_no_key_has) {
  for (const auto* id : {"", "unknown", "../../dev/null", "' OR 1=1 --"})
    refused(signed_token(json{{"alg", algorithm()}, {"kid", id}}.dump(), claims().dump(),
                         keys_of(GetParam()).wrong),
            "the signature is wrong");
  header_refused(json{{"alg", algorithm()}, {"kid", 1}}.dump(),
                 "the header's kid is no name of a key");
  header_refused(json{{"alg", algorithm()}, {"kid", nullptr}}.dump(),
                 "the header's kid is no name of a key");
  header_refused(json{{"alg", algorithm()}, {"kid", std::string(257, 'k')}}.dump(),
                 "the header's kid is no name of a key");
}

TEST_P(token_attacks, headers_that_ask_for_more) {
  header_refused(json{{"alg", algorithm()}, {"crit", {"exp"}}}.dump(),
                 "the header has critical extensions");
  header_refused(json{{"alg", algorithm()}, {"crit", nullptr}}.dump(),
                 "the header has critical extensions");
  header_refused(json{{"alg", algorithm()}, {"b64", false}, {"crit", {"b64"}}}.dump(),
                 "the header has critical extensions");
  for (const auto* type : {"logout+jwt", "secevent+jwt", "JWE", ""})
    header_refused(json{{"alg", algorithm()}, {"typ", type}}.dump(),
                   "the header's typ is another than JWT");
  for (const auto* type : {"JWT", "jwt", "at+jwt", "application/at+JWT"})
    refused(token(claims(), json{{"alg", algorithm()}, {"typ", type}}.dump()), "accepted");
}

TEST_P(token_attacks, headers_that_are_not_strict_json) {
  const std::string why = "the header is not JSON";
  const auto fine = "{\"alg\":\"" + algorithm() + "\"}";
  refused(token(claims(), fine), "accepted");
  header_refused("{\"alg\":\"none\",\"alg\":\"" + algorithm() + "\"}", why);
  header_refused("{\"alg\":\"" + algorithm() + "\",\"\\u0061lg\":\"none\"}", why);
  header_refused(fine + "x", why);
  header_refused(fine + fine, why);
  header_refused(fine + std::string(1, '\0'), why);
  header_refused("\xef\xbb\xbf" + fine, why);
  header_refused("[" + fine + "]", why);
  header_refused("\"" + algorithm() + "\"", why);
  header_refused("{\"alg\":\"" + algorithm() + "\",\"x\":\"\xff\"}", why);
}

TEST_P(token_attacks, outside_its_time) {
  refused(token(with("exp", now_seconds - 5)), "expired", "to the second, leeway included");
  refused(token(with("exp", now_seconds - 4)), "accepted");
  refused(token(with("exp", now_seconds - 5.001)), "expired");
  refused(token(with("exp", now_seconds - 4.999)), "accepted");
  refused(token(with("exp", 0)), "expired");
  refused(token(with("exp", 1.5)), "expired");
  refused(token(with("nbf", now_seconds + 6)), "not yet valid");
  refused(token(with("nbf", now_seconds + 5.001)), "not yet valid");
  refused(token(with("nbf", now_seconds + 5)), "accepted");
  refused(token(with("iat", now_seconds + 6)), "issued in the future");
  refused(token(with("iat", now_seconds + 4.5)), "accepted");
}

TEST_P(token_attacks, times_that_are_none) {
  for (const auto* name : {"exp", "nbf", "iat"}) {
    const std::string claim = name;
    for (const json& value : {json("1800000000"), json(nullptr), json(true), json::array({1}),
                              json::object(), json("tomorrow")})
      refused(token(with(name, value)), claim + " is not a number", value.dump());
    for (const json& value :
         {json(-1), json(-0.5), json(1e300), json(253402300800), json(18446744073709551615u)})
      refused(token(with(name, value)), claim + " is not a time from 1970 to 9999", value.dump());
    for (const auto* value : {"NaN", "Infinity", "-Infinity", "1e999", "0x10", "+1", "01", ".5"})
      payload_refused("{\"user_id\":\"u1\",\"" + claim + "\":" + value + "}",
                      "the payload is not JSON");
  }
}

TEST_P(token_attacks, for_another_audience_or_from_another_issuer) {
  const std::string audience = "aud does not name this audience";
  refused(token(without("aud")), audience);
  refused(token(with("aud", nullptr)), audience);
  refused(token(with("aud", "troup")), audience);
  refused(token(with("aud", "Troupe")), audience);
  refused(token(with("aud", json::array())), audience);
  refused(token(with("aud", {"other", "troupes"})), audience);
  refused(token(with("aud", {"other", "troupe"})), "accepted");
  refused(token(with("aud", 1)), "aud is not a string or an array of strings");
  refused(token(with("aud", json::array({"troupe", 1}))),
          "aud is not a string or an array of strings");
  refused(token(without("iss")), "iss is not the issuer");
  refused(token(with("iss", "https://issuer/")), "iss is not the issuer");
  refused(token(with("iss", json::array({"https://issuer"}))), "iss is not a string");
}

TEST_P(token_attacks, nobody_in_particular) {
  refused(token(without("user_id")), "has neither user_id nor sub");
  refused(token(with("user_id", nullptr)), "has neither user_id nor sub");
  for (const json& value : {json(""), json(1.5), json(true), json::array({"u1"}), json::object(),
                            json("a\nb"), json("a\x7f"), json("\xc2\x9b"), json("\xe2\x80\xa8"),
                            json(std::string("a\0b", 3)), json(std::string(129, 'x'))}) {
    refused(token(with("user_id", value)), "user_id is not a name", value.dump());
    auto of_sub = without("user_id");
    of_sub["sub"] = value;
    refused(token(of_sub), "sub is not a name", value.dump());
  }
}

TEST_P(token_attacks, payloads_that_are_not_strict_json) {
  const std::string why = "the payload is not JSON";
  const auto text = claims().dump();
  payload_refused(text + " x", why);
  payload_refused(text + "{}", why);
  payload_refused(text + std::string(1, '\0'), why);
  payload_refused("\xef\xbb\xbf" + text, why);
  payload_refused("[" + text + "]", why);
  payload_refused("null", why);
  payload_refused(text.substr(0, text.size() - 1), why);
  payload_refused(R"({"user_id":"u1","user_id":"root"})", why);
  payload_refused(R"({"user_id":"u1","x":{"a":1,"a":2}})", why);
  payload_refused("{\"user_id\":\"u1\",\"us\\u0065r_id\":\"root\"}", why);
  payload_refused(R"({"user_id":"u1",})", why);
  payload_refused(R"({"user_id":"u1"/**/})", why);
  payload_refused("{\"user_id\":\"\\ud800\"}", why);
  payload_refused("{\"user_id\":\"\xff\"}", why);
  payload_refused(
    "{\"user_id\":\"u1\",\"x\":" + std::string(2000, '[') + std::string(2000, ']') + "}", why);
}

TEST_P(token_attacks, cut_off_anywhere) {
  const auto whole = honest();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(verdict(*verifier_, std::string_view(whole).substr(0, size)), "accepted") << size;
}

TEST_P(token_attacks, with_any_bit_flipped) {
  const auto whole = honest();
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      EXPECT_NE(verdict(*verifier_, changed), "accepted") << at << ' ' << bit;
    }
}

TEST_P(token_attacks, parts_that_are_too_many_too_few_or_empty) {
  const auto whole = honest();
  const auto first = whole.find('.'), last = whole.rfind('.');
  const auto header = whole.substr(0, first), payload = whole.substr(first + 1, last - first - 1),
             signature = whole.substr(last + 1);
  for (const auto& text : {std::string{}, std::string("hello"), header, header + '.' + payload,
                           whole + '.', '.' + whole, whole + ".AAAA", whole + ".a.b",
                           std::string(".") + header, header + ".." + payload + '.' + signature})
    refused(text, "not three parts with dots between", text);
  for (const auto& text : {std::string(".."), '.' + payload + '.' + signature,
                           header + ".." + signature, header + '.' + payload + '.'})
    refused(text, "a part is empty", text);
}

TEST_P(token_attacks, text_that_is_not_base64url) {
  const auto whole = honest();
  const auto first = whole.find('.');
  for (const std::string junk : {"=", "==", " ", "\n", "+", "/", "%3D", "\xc3\xa9"}) {
    refused(whole + junk, "a part is not base64url", junk);
    refused(junk + whole, "a part is not base64url", junk);
    refused(whole.substr(0, first) + junk + whole.substr(first), "a part is not base64url", junk);
  }
  refused(whole + std::string(1, '\0'), "a part is not base64url");
}

TEST_P(token_attacks, a_signature_of_another_length) {
  const auto whole = honest();
  const auto text = whole.substr(0, whole.rfind('.') + 1);
  const auto signature = *base64url_decode(whole.substr(text.size()));
  for (const auto& other :
       {std::string(1, '\0'), signature.substr(1), signature.substr(0, signature.size() - 1),
        signature + '\0', '\0' + signature, signature + signature,
        std::string(signature.size(), '\0'), std::string(signature.size(), '\xff'),
        std::string(5000, '\x30')})
    refused(text + base64url_encode(other), "the signature is wrong");
}

TEST_P(token_attacks, a_token_that_is_too_long_is_not_looked_at) {
  const auto padded = [&](std::size_t size) { return token(with("x", std::string(size, 'x'))); };
  std::size_t size = 5500;
  while (padded(size + 1).size() <= token_bytes_max)
    ++size;
  refused(padded(size), "accepted");
  refused(padded(size + 3), "longer than 8192 bytes");
  refused(std::string(1 << 20, 'x'), "longer than 8192 bytes");
}

INSTANTIATE_TEST_SUITE_P(each, token_attacks,
                         testing::Values(token_algorithm::hs256, token_algorithm::rs256,
                                         token_algorithm::es256, token_algorithm::eddsa),
                         [](const auto& one) { return std::string(name_of(one.param)); });
