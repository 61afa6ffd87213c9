#include "server/bridges/nats_url.hpp"

#include "server/text/url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace troupe {

namespace {

bool valid_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end && port > 0;
}

bool valid_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

// Of an IPv6 address in brackets; zones and all.
bool valid_brackets(std::string_view text) {
  return text.size() > 2 && text.find_first_of(" []@/", 1) == text.size() - 1;
}

bool valid_address(std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const auto host_end =
    bracket == std::string_view::npos ? std::min(text.find(':'), text.size()) : bracket + 1;
  const auto host = text.substr(0, host_end);
  const auto port = text.substr(host_end);
  return (text.starts_with('[') ? valid_brackets(host) : valid_host(host)) &&
         (port.empty() || (port.starts_with(':') && valid_port(port.substr(1))));
}

} // namespace

nats_url_parts split_nats_url(std::string_view url) {
  nats_url_parts out;
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

std::vector<std::string> split_nats_urls(std::string_view list) {
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

bool nats_urls_valid(std::string_view list) {
  return std::ranges::all_of(split_nats_urls(list), [](const std::string& url) {
    const auto [scheme, user_info, address] = split_nats_url(url);
    return (scheme == "nats://" || scheme == "tls://") && valid_address(address);
  });
}

namespace {

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

text_result<nats_login> login_of(std::string_view user_info) {
  const auto colon = user_info.find(':');
  const bool is_token = colon == std::string_view::npos;
  std::string name, password;
  if (!percent_decode(user_info.substr(0, colon), name) ||
      (!is_token && !percent_decode(user_info.substr(colon + 1), password)))
    return fail("what stands before the @ is not percent-encoded: write %25 for %");
  if (name.empty() || has_controls(name) || has_controls(password))
    return fail("expected a user and password, or a token, before the @");
  return is_token ? nats_login{{}, {}, std::move(name)}
                  : nats_login{std::move(name), std::move(password), {}};
}

} // namespace

text_result<std::optional<nats_login>> nats_urls_login(std::string_view list) {
  std::optional<nats_login> all;
  for (const auto& url : split_nats_urls(list)) {
    const auto user_info = split_nats_url(url).user_info;
    if (user_info.empty())
      continue;
    auto one = login_of(user_info);
    if (!one)
      return fail(std::move(one).error());
    if (all && *all != *one)
      return fail("several users: the servers of one cluster have one user for this server");
    all = *std::move(one);
  }
  return all;
}

std::string nats_address(std::string_view url) {
  const auto [scheme, user_info, address] = split_nats_url(url);
  return std::string(scheme) + std::string(address);
}

std::string nats_addresses(std::string_view list) {
  std::string out;
  for (const auto& url : split_nats_urls(list))
    out.append(out.empty() ? "" : ",").append(nats_address(url));
  return out;
}

} // namespace troupe
