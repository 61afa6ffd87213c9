#include "server/net/origin.hpp"

#include "server/text/url.hpp"

#include <algorithm>

namespace troupe {

namespace {

char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower_case, lower_case);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (lower_case(c) >= 'a' && lower_case(c) <= 'z');
}

std::string_view default_port(std::string_view scheme) {
  if (same(scheme, "https") || same(scheme, "wss"))
    return "443";
  if (same(scheme, "http") || same(scheme, "ws"))
    return "80";
  return {};
}

// Without this, `evil.example/a.example.com` would be a host below `example.com`.
bool is_host(std::string_view text) {
  const bool v6 = text.starts_with('[') && text.ends_with(']');
  if (v6)
    text = text.substr(1, text.size() - 2);
  return !text.empty() && std::ranges::all_of(text, [v6](char c) {
    return is_alphanumeric(c) || c == '.' || (v6 ? c == ':' : c == '-' || c == '_');
  });
}

// Of `scheme://host:port` or `host:port`; nothing when there is more to it.
std::optional<url_parts> split_origin(std::string_view text) {
  const bool names_scheme = text.find("://") != std::string_view::npos;
  auto out = names_scheme ? split_url(text) : split_authority(text);
  if (!out || out->user_info || !out->rest.empty() ||
      (out->port && (out->port->empty() || out->port->size() > 5)))
    return std::nullopt;
  return out;
}

std::string_view port_of(const url_parts& origin) {
  return origin.port ? *origin.port : default_port(origin.scheme);
}

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*."))
    return same(pattern, host);
  pattern.remove_prefix(1); // the dot stays: `evilexample.com` is not below `example.com`
  return host.size() > pattern.size() && same(host.substr(host.size() - pattern.size()), pattern);
}

bool entry_matches(std::string_view entry, const url_parts& origin, std::string_view host) {
  if (entry == "*")
    return true;
  const bool self = entry == "self";
  auto wanted = split_origin(self ? host : entry);
  if (!wanted)
    return false;
  if (self) {
    wanted->scheme = origin.scheme; // the request does not say how it came through a proxy
    return same(wanted->host, origin.host) && port_of(*wanted) == port_of(origin);
  }
  if (!host_matches(wanted->host, origin.host))
    return false;
  if (!wanted->scheme.empty())
    return same(wanted->scheme, origin.scheme) && port_of(*wanted) == port_of(origin);
  return !wanted->port || *wanted->port == port_of(origin);
}

} // namespace

bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin,
                    std::string_view host) {
  if (allowed.empty())
    return true;
  const auto listed = [&](std::string_view word) {
    return std::ranges::find(allowed, word) != allowed.end();
  };
  if (origin.empty())
    return listed("none");
  if (same(origin, "null"))
    return listed("null");
  const auto parts = split_origin(origin);
  if (!parts || parts->scheme.empty() || !is_host(parts->host))
    return false;
  return std::ranges::any_of(
    allowed, [&](std::string_view entry) { return entry_matches(entry, *parts, host); });
}

bool valid_origin_entry(std::string_view entry) {
  if (entry == "none" || entry == "null" || entry == "self" || entry == "*")
    return true;
  auto parts = split_origin(entry);
  if (!parts)
    return false;
  if (parts->host.starts_with("*."))
    parts->host.remove_prefix(2);
  return is_host(parts->host);
}

} // namespace troupe
