#include "server/net/origin.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// `scheme://host:port`, taken apart. What is missing is empty.
struct origin_parts {
  std::string_view scheme;
  std::string_view host; ///< an IPv6 address with its brackets
  std::string_view port;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
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

// False when `text` is no `host` or `host:port`.
bool split_authority(std::string_view text, origin_parts& out) {
  auto colon = text.rfind(':');
  if (text.starts_with('[')) { // an IPv6 address is full of colons
    const auto end = text.find(']');
    if (end == std::string_view::npos || (end + 1 < text.size() && text[end + 1] != ':'))
      return false;
    colon = end + 1 < text.size() ? end + 1 : std::string_view::npos;
  }
  out.host = text.substr(0, colon);
  out.port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (colon != std::string_view::npos && out.port.empty())
    return false;
  return out.port.size() <= 5 && std::ranges::all_of(out.port, is_digit);
}

bool split_origin(std::string_view text, origin_parts& out) {
  const auto separator = text.find("://");
  if (separator != std::string_view::npos) {
    out.scheme = text.substr(0, separator);
    text.remove_prefix(separator + 3);
  }
  return split_authority(text, out);
}

std::string_view port_of(const origin_parts& origin) {
  return origin.port.empty() ? default_port(origin.scheme) : origin.port;
}

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*."))
    return same(pattern, host);
  pattern.remove_prefix(1); // the dot stays: `evilexample.com` is not below `example.com`
  return host.size() > pattern.size() && same(host.substr(host.size() - pattern.size()), pattern);
}

bool entry_matches(std::string_view entry, const origin_parts& origin, std::string_view host) {
  if (entry == "*")
    return true;
  origin_parts wanted;
  if (entry == "self") {
    wanted.scheme = origin.scheme; // the request does not say how it came through a proxy
    return split_authority(host, wanted) && same(wanted.host, origin.host) &&
           port_of(wanted) == port_of(origin);
  }
  if (!split_origin(entry, wanted) || !host_matches(wanted.host, origin.host))
    return false;
  if (!wanted.scheme.empty())
    return same(wanted.scheme, origin.scheme) && port_of(wanted) == port_of(origin);
  return wanted.port.empty() || wanted.port == port_of(origin);
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
  origin_parts parts;
  if (!split_origin(origin, parts) || parts.scheme.empty() || !is_host(parts.host))
    return false;
  return std::ranges::any_of(
    allowed, [&](std::string_view entry) { return entry_matches(entry, parts, host); });
}

bool valid_origin_entry(std::string_view entry) {
  if (entry == "none" || entry == "null" || entry == "self" || entry == "*")
    return true;
  origin_parts parts;
  if (!split_origin(entry, parts))
    return false;
  const bool names_scheme = entry.find("://") != std::string_view::npos;
  const auto fits_a_scheme = [](char c) {
    return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
  };
  if (names_scheme && (parts.scheme.empty() || !std::ranges::all_of(parts.scheme, fits_a_scheme)))
    return false;
  if (parts.host.starts_with("*."))
    parts.host.remove_prefix(2);
  return is_host(parts.host);
}

} // namespace troupe
