#include "server/bridges/nats_options.hpp"

#include "server/bridges/nats_nkey.hpp"
#include "server/log/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <tuple>
#include <utility>

namespace troupe {

namespace {

constexpr std::string_view schemes[] = {"nats://", "tls://"};
constexpr std::int64_t connect_timeout_ms = 2'000;
constexpr std::int64_t close_timeout_ms = 2'000;
// A write that takes longer: NATS has stopped reading. The line gives the connection up.
constexpr std::int64_t write_timeout_ms = 5'000;
// A connection that nobody says has ended is given up after the third ping without an answer.
constexpr std::int64_t ping_interval_ms = 10'000;
constexpr int pings_out_max = 2;

std::vector<std::string> urls_of(std::string_view list) {
  std::vector<std::string> out;
  for (std::size_t begin = 0, comma = 0; begin <= list.size(); begin = comma + 1) {
    comma = std::min(list.find(',', begin), list.size());
    auto url = list.substr(begin, comma - begin);
    while (!url.empty() && url.front() == ' ')
      url.remove_prefix(1);
    while (!url.empty() && url.back() == ' ')
      url.remove_suffix(1);
    out.emplace_back(url);
  }
  return out;
}

struct parts {
  std::string_view scheme, user_info, address;
};

parts split(std::string_view url) {
  parts out;
  const auto slashes = url.find("://");
  if (slashes != std::string_view::npos) {
    out.scheme = url.substr(0, slashes + 3);
    url.remove_prefix(slashes + 3);
  }
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    out.user_info = url.substr(0, at);
    url.remove_prefix(at + 1);
  }
  out.address = url;
  return out;
}

bool known_scheme(std::string_view scheme) {
  for (const auto& known : schemes)
    if (scheme == known)
      return true;
  return false;
}

std::string unreadable(const std::string& file) {
  errno = 0;
  std::ifstream in(file);
  if (in && in.peek() != std::ifstream::traits_type::eof())
    return {};
  return in || errno == 0 ? "is empty, or no file" : std::system_category().message(errno);
}

std::string about_file(std::string_view key, const std::string& file, std::string_view why) {
  return "nats." + std::string(key) + ' ' + in_quotes(file) + ": " + std::string(why);
}

void hide(std::string& text, std::string_view secret) {
  // One or two letters would be found in any word; nothing is lost of what they keep.
  if (secret.size() < 3)
    return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), "***");
}

std::string address_fault(const nats_config& settings) {
  for (const auto& url : urls_of(settings.url)) {
    const auto [scheme, user_info, address] = split(url);
    if (!known_scheme(scheme) || address.empty() || address.find(' ') != std::string_view::npos)
      return "nats.url: expected nats://HOST:PORT or tls://HOST:PORT, several with commas";
  }
  return {};
}

std::string identity_fault(const nats_config& settings) {
  const int ways = (settings.user.empty() ? 0 : 1) + (settings.token.empty() ? 0 : 1) +
                   (settings.credentials_file.empty() ? 0 : 1) +
                   (settings.nkey_seed_file.empty() ? 0 : 1);
  if (ways > 1)
    return "nats: user, token, credentials_file and nkey_seed_file: only one of them at a time";
  if (!settings.password.empty() && settings.user.empty())
    return "nats.password: there is no nats.user to go with it";
  return {};
}

} // namespace

nats_options::~nats_options() {
  natsOptions_Destroy(options_);
}

std::variant<std::unique_ptr<nats_options>, std::string>
nats_options::make(const nats_config& settings) {
  for (auto why : {address_fault(settings), identity_fault(settings)})
    if (!why.empty())
      return why;
  std::unique_ptr<nats_options> made(new nats_options);
  if (natsOptions_Create(&made->options_) != NATS_OK)
    return std::string("nats.c does not start");
  if (auto why = made->fill(settings); !why.empty())
    return without_secrets(why, settings);
  return made;
}

std::string nats_options::fill(const nats_config& settings) {
  const auto urls = urls_of(settings.url);
  std::vector<const char*> list;
  for (const auto& url : urls)
    list.push_back(url.c_str());
  if (const auto s = natsOptions_SetServers(options_, list.data(), static_cast<int>(list.size()));
      s != NATS_OK)
    return "nats.url: " + nats_failure(s, settings);
  natsOptions_SetName(options_, settings.name.c_str());
  natsOptions_SetTimeout(options_, connect_timeout_ms);
  natsOptions_SetWriteDeadline(options_, write_timeout_ms);
  natsOptions_SetPingInterval(options_, ping_interval_ms);
  natsOptions_SetMaxPingsOut(options_, pings_out_max);
  natsOptions_SetMaxReconnect(options_, nats_tries_max);
  // What waits for NATS waits in the link's outbox, where it is counted.
  natsOptions_SetReconnectBufSize(options_, 1);
  if (auto why = add_identity(settings); !why.empty())
    return why;
  return add_tls(settings);
}

std::string nats_options::add_identity(const nats_config& settings) {
  auto s = NATS_OK;
  if (!settings.user.empty())
    s = natsOptions_SetUserInfo(options_, settings.user.c_str(), settings.password.c_str());
  else if (!settings.token.empty())
    s = natsOptions_SetToken(options_, settings.token.c_str());
  if (s != NATS_OK)
    return "nats: " + nats_failure(s, settings);
  if (const auto& file = settings.credentials_file; !file.empty()) {
    if (const auto why = unreadable(file); !why.empty())
      return about_file("credentials_file", file, why);
    s = natsOptions_SetUserCredentialsFromFiles(options_, file.c_str(), nullptr);
    if (s != NATS_OK)
      return about_file("credentials_file", file, nats_failure(s, settings));
  }
  if (const auto& file = settings.nkey_seed_file; !file.empty()) {
    auto keys = read_nkey(file);
    if (const auto* why = std::get_if<std::string>(&keys))
      return about_file("nkey_seed_file", file, *why);
    auto& [seed, public_key] = std::get<nkey_pair>(keys);
    seed_ = std::move(seed);
    const auto sign = [](char**, unsigned char** signature, int* length, const char* nonce,
                         void* with) {
      return nats_Sign(static_cast<const char*>(with), nonce, signature, length);
    };
    s = natsOptions_SetNKey(options_, public_key.c_str(), sign, seed_.data());
    if (s != NATS_OK)
      return about_file("nkey_seed_file", file, nats_failure(s, settings));
  }
  return {};
}

std::string nats_options::add_tls(const nats_config& settings) {
  const auto& [ca, certificate, key] =
    std::tie(settings.tls_ca_file, settings.tls_certificate_file, settings.tls_key_file);
  if (certificate.empty() != key.empty())
    return "nats.tls_certificate_file and nats.tls_key_file: one without the other";
  bool wanted = !ca.empty() || !certificate.empty();
  for (const auto& url : urls_of(settings.url))
    wanted = wanted || split(url).scheme == "tls://";
  if (!wanted)
    return {};
  if (const auto s = natsOptions_SetSecure(options_, true); s != NATS_OK)
    return "nats: " + nats_failure(s, settings);
  if (!ca.empty()) {
    const auto s = natsOptions_LoadCATrustedCertificates(options_, ca.c_str());
    if (s != NATS_OK)
      return about_file("tls_ca_file", ca, nats_failure(s, settings));
  }
  if (!certificate.empty()) {
    const auto s = natsOptions_LoadCertificatesChain(options_, certificate.c_str(), key.c_str());
    if (s != NATS_OK)
      return about_file("tls_certificate_file", certificate, nats_failure(s, settings));
  }
  return {};
}

std::string nats_fault(const nats_config& settings) {
  if (!settings.wanted())
    return {};
  std::string fault;
  {
    const auto made = nats_options::make(settings);
    if (const auto* why = std::get_if<std::string>(&made))
      fault = *why;
  }
  // Its threads would stay, as they are now: ready to take the signals that `main` waits for.
  nats_CloseAndWait(close_timeout_ms);
  return fault;
}

std::string nats_address(std::string_view url) {
  const auto [scheme, user_info, address] = split(url);
  return std::string(scheme) + std::string(address);
}

std::string without_secrets(std::string_view text, const nats_config& settings) {
  std::string out(text);
  for (const auto& url : urls_of(settings.url)) {
    const auto info = split(url).user_info;
    hide(out, info);
    const auto colon = std::min(info.find(':'), info.size());
    hide(out, info.substr(std::min(colon + 1, info.size())));
    if (colon == info.size())
      hide(out, info); // a token
  }
  hide(out, settings.password);
  hide(out, settings.token);
  return out;
}

std::string nats_failure(natsStatus status, const nats_config& settings) {
  auto last = NATS_OK;
  const char* said = nats_GetLastError(&last);
  // What an earlier call left there is of another failure.
  const bool of_this = said != nullptr && *said != '\0' && last == status;
  return without_secrets(of_this ? said : natsStatus_GetText(status), settings);
}

} // namespace troupe
