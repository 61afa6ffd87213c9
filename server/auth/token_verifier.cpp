#include "server/auth/token_verifier.hpp"

#include "server/auth/claims.hpp"
#include "server/auth/jwks.hpp"
#include "server/auth/jwt.hpp"
#include "server/auth/key_file.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace troupe {

struct token_verifier::state {
  claim_rules rules;
  token_keys secret; ///< one, or none
  std::optional<key_file> public_keys;
  std::optional<key_file> key_set;
  std::vector<std::string> warnings;
};

namespace {

std::string_view name_of(auth_algorithm wanted) {
  return auth_algorithm_names[static_cast<std::size_t>(wanted)];
}

bool suits(auth_algorithm wanted, token_algorithm algorithm) {
  return wanted == auth_algorithm::automatic || name_of(wanted) == name_of(algorithm);
}

// A PEM file is chosen by the operator, key for key: one of another algorithm is a mistake.
text_result<keys_found> read_pem_file(std::string_view text, auth_algorithm wanted) {
  auto read = read_pem_keys(text);
  if (!read)
    return fail(std::move(read).error());
  keys_found found;
  for (auto& key : *read) {
    if (!suits(wanted, key.algorithm))
      return fail("a key for " + std::string(name_of(key.algorithm)) + ", but auth.algorithm is " +
                  std::string(name_of(wanted)));
    found.keys.emplace_back(std::move(key));
  }
  return found;
}

// A set is the issuer's, who may have keys for more than this server takes.
text_result<keys_found> read_set_file(std::string_view text, auth_algorithm wanted) {
  auto found = read_jwks(text);
  if (!found)
    return found;
  std::erase_if(found->keys, [&](const token_key& key) { return !suits(wanted, key.algorithm()); });
  if (found->keys.empty())
    return fail("no key for " + std::string(name_of(wanted)) + ", which auth.algorithm asks for");
  return found;
}

text_result<> check_secret(const auth_config& settings) {
  const auto& secret = settings.secret;
  if (secret.empty())
    return {};
  if (secret.size() < secret_bytes_min)
    return fail("auth.secret: expected at least " + std::to_string(secret_bytes_min) +
                " bytes, got " + std::to_string(secret.size()));
  if (secret.find("-----BEGIN") != std::string::npos)
    return fail("auth.secret: is a PEM key; a public key belongs into auth.public_key_file");
  if (!suits(settings.algorithm, token_algorithm::hs256))
    return fail("auth.secret: is for HS256, but auth.algorithm is " +
                std::string(name_of(settings.algorithm)));
  return {};
}

text_result<> load(std::optional<key_file>& into, const char* key, const std::string& path,
                   key_file::reader read, std::vector<std::string>& warnings) {
  if (path.empty())
    return {};
  into.emplace(path, std::move(read));
  const auto where = std::string(key) + ": " + path + ": ";
  const auto loaded = into->load();
  if (!loaded)
    return fail(where + loaded.error());
  for (const auto& skipped : *loaded)
    warnings.push_back(where + skipped);
  return {};
}

text_result<> check_keys_there(const auth_config& settings) {
  if (!settings.secret.empty() || !settings.public_key_file.empty() || !settings.jwks_file.empty())
    return {};
  const std::string needed = "needs auth.secret, auth.public_key_file or auth.jwks_file";
  if (settings.required)
    return fail("auth.required: " + needed);
  if (settings.algorithm != auth_algorithm::automatic)
    return fail("auth.algorithm: " + needed);
  return {};
}

} // namespace

text_result<std::shared_ptr<const token_verifier>>
token_verifier::make(const auth_config& settings, std::vector<std::string> kept) {
  for (const auto& checked : {check_keys_there(settings), check_secret(settings)})
    if (!checked)
      return fail(checked.error());
  if (settings.secret.empty() && settings.public_key_file.empty() && settings.jwks_file.empty())
    return std::shared_ptr<const token_verifier>();

  auto made = std::make_unique<state>();
  made->rules = {settings.issuer, settings.audience, settings.leeway, std::move(kept)};
  if (!settings.secret.empty())
    made->secret.emplace_back(settings.secret);
  const auto wanted = settings.algorithm;
  const auto loaded =
    load(
      made->public_keys, "auth.public_key_file", settings.public_key_file,
      [wanted](std::string_view text) { return read_pem_file(text, wanted); }, made->warnings)
      .and_then([&] {
        return load(
          made->key_set, "auth.jwks_file", settings.jwks_file,
          [wanted](std::string_view text) { return read_set_file(text, wanted); }, made->warnings);
      });
  if (!loaded)
    return fail(loaded.error());
  return std::shared_ptr<const token_verifier>(new token_verifier(std::move(made)));
}

token_verifier::token_verifier(std::unique_ptr<state> s) : state_(std::move(s)) {}

token_verifier::~token_verifier() = default;

const std::vector<std::string>& token_verifier::warnings() const {
  return state_->warnings;
}

token_verdict token_verifier::verify(std::string_view token, wall_time now) const {
  const auto envelope = parse_jwt(token);
  if (!envelope)
    return fail(token_refusal{envelope.error()});
  const auto public_keys = state_->public_keys ? state_->public_keys->keys(now) : nullptr;
  const auto key_set = state_->key_set ? state_->key_set->keys(now) : nullptr;
  const token_keys none;
  const std::array<const token_keys*, 3> keys{
    &state_->secret, public_keys ? public_keys.get() : &none, key_set ? key_set.get() : &none};
  if (const auto checked = check_signature(*envelope, keys); !checked)
    return fail(token_refusal{checked.error()});
  return read_claims(envelope->payload, state_->rules, now);
}

} // namespace troupe
