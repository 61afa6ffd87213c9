#include "server/bridges/nats_options.hpp"

#include "server/bridges/nats_library.hpp"
#include "server/bridges/nats_nkey.hpp"
#include "server/bridges/nats_url.hpp"
#include "server/log/printable.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/json/json_text.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <tuple>
#include <utility>

namespace troupe {

namespace {

// For one server of the list; nobody waits longer than this for all of them at the end.
constexpr std::int64_t connect_timeout_ms = 2'000;
constexpr std::int64_t connect_timeout_least_ms = 500;
constexpr std::int64_t connect_timeout_all_ms = 6'000;
constexpr std::int64_t close_timeout_ms = 2'000;
// A write that takes longer: NATS has stopped reading. the thread gives the connection up.
constexpr std::int64_t write_timeout_ms = 5'000;
// A connection that nobody says has ended is given up after the third ping without an answer.
constexpr std::int64_t ping_interval_ms = 10'000;
constexpr int pings_out_max = 2;

text_result<> check_readable(const std::string& file) {
  errno = 0;
  std::ifstream in(file);
  if (in && in.peek() != std::ifstream::traits_type::eof())
    return {};
  return fail(in || errno == 0 ? "is empty, or no file" : std::system_category().message(errno));
}

// What nats.c would look for, at the time of each connection.
text_result<> check_credentials(const std::string& file) {
  if (auto readable = check_readable(file); !readable)
    return readable;
  std::ifstream in(file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  for (const auto* heading : {"BEGIN NATS USER JWT", "BEGIN USER NKEY SEED"})
    if (text.find(heading) == std::string::npos)
      return fail(std::string("expected \"-----") + heading + "-----\", as nsc writes it");
  return {};
}

tl::unexpected<std::string> fail_about(std::string_view key, const std::string& file,
                                       std::string_view error) {
  return fail("nats." + std::string(key) + ' ' + in_quotes(file) + ": " + std::string(error));
}

// nats.c puts these texts between quotes into the JSON of its CONNECT, as they are.
std::string for_json(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

void hide(std::string& text, std::string_view secret) {
  // One or two letters would be found in any word; nothing is lost of what they keep.
  if (secret.size() < 3)
    return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), "***");
}

text_result<> check_identity(const nats_config& settings) {
  int ways = 0;
  std::string_view last;
  for (const auto& [key, value] : {std::pair{"user", &settings.user},
                                   {"token", &settings.token},
                                   {"credentials_file", &settings.credentials_file},
                                   {"nkey_seed_file", &settings.nkey_seed_file}})
    if (!value->empty()) {
      ++ways;
      last = key;
    }
  const auto urls = split_nats_urls(settings.url);
  const bool in_url = std::ranges::any_of(
    urls, [](const std::string& url) { return !split_nats_url(url).user_info.empty(); });
  if (ways + (in_url ? 1 : 0) > 1)
    return fail("nats." + std::string(last) +
                ": expected only one of user, token, credentials_file, nkey_seed_file, and a user "
                "in the url");
  if (!settings.password.empty() && settings.user.empty())
    return fail("nats.password: there is no nats.user to go with it");
  return {};
}

} // namespace

nats_options::~nats_options() {
  natsOptions_Destroy(options_);
}

text_result<std::unique_ptr<nats_options>>
nats_options::make(const nats_config& settings, const std::vector<std::string>& known) {
  if (!nats_urls_valid(settings.url))
    return fail("nats.url: expected " + std::string(nats_urls_expected));
  if (auto checked = check_identity(settings); !checked)
    return fail(std::move(checked).error());
  if (!valid_subject(settings.inbox_prefix) || settings.inbox_prefix.starts_with('$'))
    return fail("nats.inbox_prefix: expected parts of a subject with dots between");
  std::unique_ptr<nats_options> made(new nats_options);
  if (natsOptions_Create(&made->options_) != NATS_OK)
    return fail("nats.c does not start");
  if (const auto filled = made->fill(settings, known); !filled)
    return fail(without_secrets(filled.error(), settings));
  return made;
}

text_result<> nats_options::fill(const nats_config& settings,
                                 const std::vector<std::string>& known) {
  std::vector<std::string> urls;
  for (const auto& url : split_nats_urls(settings.url))
    urls.push_back(nats_address(url));
  urls.insert(urls.end(), known.begin(), known.end());
  std::vector<const char*> list;
  for (const auto& url : urls)
    list.push_back(url.c_str());
  if (const auto s = natsOptions_SetServers(options_, list.data(), static_cast<int>(list.size()));
      s != NATS_OK)
    return fail("nats.url: " + nats_error(s, settings));
  natsOptions_SetName(options_, for_json(settings.name).c_str());
  const auto share = connect_timeout_all_ms / static_cast<std::int64_t>(urls.size());
  natsOptions_SetTimeout(options_, std::clamp(share, connect_timeout_least_ms, connect_timeout_ms));
  natsOptions_SetWriteDeadline(options_, write_timeout_ms);
  natsOptions_SetPingInterval(options_, ping_interval_ms);
  natsOptions_SetMaxPingsOut(options_, pings_out_max);
  natsOptions_SetMaxReconnect(options_, -1); // until the thread has had enough
  // What waits for NATS waits in the link's outbox, where it is counted.
  natsOptions_SetReconnectBufSize(options_, 1);
  return add_identity(settings).and_then([&] { return add_tls(settings); });
}

text_result<> nats_options::add_identity(const nats_config& settings) {
  const auto in_url = nats_urls_login(settings.url);
  if (!in_url)
    return fail("nats.url: " + in_url.error());
  const auto login = in_url->value_or(nats_login{settings.user, settings.password, settings.token});
  auto s = NATS_OK;
  if (!login.user.empty())
    s = natsOptions_SetUserInfo(options_, for_json(login.user).c_str(),
                                for_json(login.password).c_str());
  else if (!login.token.empty())
    s = natsOptions_SetToken(options_, for_json(login.token).c_str());
  if (s != NATS_OK)
    return fail("nats: " + nats_error(s, settings));
  if (const auto& file = settings.credentials_file; !file.empty()) {
    if (const auto checked = check_credentials(file); !checked)
      return fail_about("credentials_file", file, checked.error());
    s = natsOptions_SetUserCredentialsFromFiles(options_, file.c_str(), nullptr);
    if (s != NATS_OK)
      return fail_about("credentials_file", file, nats_error(s, settings));
  }
  if (const auto& file = settings.nkey_seed_file; !file.empty()) {
    auto keys = read_nkey(file);
    if (!keys)
      return fail_about("nkey_seed_file", file, keys.error());
    auto& [seed, public_key] = *keys;
    seed_ = std::move(seed);
    const auto sign = [](char**, unsigned char** signature, int* length, const char* nonce,
                         void* with) {
      return nats_Sign(static_cast<const char*>(with), nonce, signature, length);
    };
    s = natsOptions_SetNKey(options_, public_key.c_str(), sign, seed_.data());
    if (s != NATS_OK)
      return fail_about("nkey_seed_file", file, nats_error(s, settings));
  }
  return {};
}

text_result<> nats_options::add_tls(const nats_config& settings) {
  const auto& [ca, certificate, key] =
    std::tie(settings.tls_ca_file, settings.tls_certificate_file, settings.tls_key_file);
  if (certificate.empty() != key.empty())
    return fail("nats.tls_certificate_file and nats.tls_key_file: one without the other");
  bool wanted = !ca.empty() || !certificate.empty();
  for (const auto& url : split_nats_urls(settings.url))
    wanted = wanted || split_nats_url(url).scheme == "tls://";
  if (!wanted)
    return {};
  for (const auto& [key_name, file] : {std::pair{"tls_ca_file", &ca},
                                       {"tls_certificate_file", &certificate},
                                       {"tls_key_file", &key}})
    if (const auto readable = file->empty() ? text_result<>{} : check_readable(*file); !readable)
      return fail_about(key_name, *file, readable.error());
  if (const auto s = natsOptions_SetSecure(options_, true); s != NATS_OK)
    return fail("nats: " + nats_error(s, settings));
  if (!ca.empty()) {
    const auto s = natsOptions_LoadCATrustedCertificates(options_, ca.c_str());
    if (s != NATS_OK)
      return fail_about("tls_ca_file", ca, nats_error(s, settings));
  }
  if (!certificate.empty()) {
    const auto s = natsOptions_LoadCertificatesChain(options_, certificate.c_str(), key.c_str());
    if (s != NATS_OK) {
      const auto why = nats_error(s, settings);
      if (why.find("private key") != std::string::npos)
        return fail_about("tls_key_file", key, "expected a private key in PEM: " + why);
      return fail_about("tls_certificate_file", certificate,
                        "expected a certificate in PEM: " + why);
    }
  }
  return {};
}

text_result<> check_nats(const nats_config& settings) {
  if (!settings.wanted())
    return {};
  auto checked =
    nats_options::make(settings).transform([](const std::unique_ptr<nats_options>&) {});
  // Its threads would stay, as they are now: ready to take the signals that `main` waits for.
  close_nats(close_timeout_ms);
  return checked;
}

std::string without_secrets(std::string_view text, const nats_config& settings) {
  std::string out(text);
  for (const auto& url : split_nats_urls(settings.url)) {
    const auto info = split_nats_url(url).user_info;
    hide(out, info);
    const auto colon = std::min(info.find(':'), info.size());
    hide(out, info.substr(std::min(colon + 1, info.size())));
    if (colon == info.size())
      hide(out, info); // a token
  }
  if (const auto login = nats_urls_login(settings.url); login && *login) {
    hide(out, (*login)->password);
    hide(out, (*login)->token);
  }
  hide(out, settings.password);
  hide(out, settings.token);
  return out;
}

std::string nats_words(std::string_view said, const nats_config& settings) {
  // "(conn.c:1905): Authorization Violation": the place is nats.c's.
  if (const auto end = said.find("): "); said.starts_with('(') && end != std::string_view::npos)
    said.remove_prefix(end + 3);
  return without_secrets(said, settings);
}

std::string nats_error(natsStatus status, const nats_config& settings) {
  auto last = NATS_OK;
  const char* said = nats_GetLastError(&last);
  // What an earlier call left there is another error.
  const bool of_this = said != nullptr && *said != '\0' && last == status;
  return nats_words(of_this ? said : natsStatus_GetText(status), settings);
}

} // namespace troupe
