#include "troupe_client/detail/endpoint.hpp"

#include <algorithm>
#include <charconv>

namespace troupe_client::detail {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Or a control character: a line break would begin another header.
bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

bool unreserved(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved(c))
      out += c;
    else
      ((out += '%') += digits[byte >> 4]) += digits[byte & 15];
  }
}

// `host`, `host:port` or `[address]:port`
bool parse_authority(std::string_view text, endpoint& out) {
  auto colon = text.rfind(':');
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos)
      return false;
    out.host = text.substr(1, bracket - 1);
    text.remove_prefix(bracket + 1);
    if (!text.empty() && text.front() != ':')
      return false;
    colon = text.empty() ? std::string_view::npos : 0;
  } else {
    out.host = text.substr(0, colon);
  }
  if (colon != std::string_view::npos)
    out.port = text.substr(colon + 1);
  return !out.host.empty() && out.host.find_first_of("@[]") == std::string::npos &&
         !out.port.empty() && std::ranges::all_of(out.port, is_digit);
}

} // namespace

std::uint16_t endpoint::port_number() const {
  std::uint16_t out = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), out);
  return read.ec == std::errc{} ? out : std::uint16_t{0};
}

std::string endpoint::authority() const {
  const auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == (tls ? "443" : "80") ? name : name + ':' + port;
}

std::string endpoint::room() const {
  constexpr std::string_view chat = "/chat/", typed = "/room/";
  std::string_view rest = path;
  if (rest.starts_with(chat))
    return std::string(rest.substr(chat.size()));
  if (!rest.starts_with(typed))
    return {};
  rest.remove_prefix(typed.size());
  return std::string(rest.starts_with("chat/") ? rest.substr(5) : rest);
}

std::optional<endpoint> parse_endpoint(std::string_view url) {
  endpoint out;
  if (url.starts_with("wss://"))
    out.tls = true;
  else if (!url.starts_with("ws://"))
    return std::nullopt;
  out.port = out.tls ? "443" : "80";
  url.remove_prefix(out.tls ? 6 : 5);
  url = url.substr(0, url.find('#'));
  if (std::ranges::any_of(url, is_blank))
    return std::nullopt;
  const auto rest = std::min(url.find_first_of("/?"), url.size());
  if (!parse_authority(url.substr(0, rest), out))
    return std::nullopt;
  const auto tail = url.substr(rest);
  const auto question = tail.find('?');
  if (const auto path = tail.substr(0, question); path.size() > 1)
    out.path = path;
  if (question != std::string_view::npos)
    out.query = tail.substr(question + 1);
  return out;
}

target::target(const endpoint& to) : text_(to.path), separator_('?') {
  if (!to.query.empty()) {
    text_ += '?' + to.query;
    separator_ = '&';
  }
}

target& target::with(std::string_view name, std::string_view value) {
  if (value.empty())
    return *this;
  text_ += separator_;
  append_encoded(text_, name);
  text_ += '=';
  append_encoded(text_, value);
  separator_ = '&';
  return *this;
}

} // namespace troupe_client::detail
