#include "server/text/url.hpp"

#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace troupe {

namespace urls = boost::urls;

namespace {

std::string_view view_of(urls::string_view text) {
  return {text.data(), text.size()};
}

url_parts parts_of(const urls::authority_view& authority) {
  url_parts out;
  out.host = view_of(authority.encoded_host());
  if (authority.has_userinfo())
    out.user_info = view_of(authority.encoded_userinfo());
  if (authority.has_port())
    out.port = view_of(authority.port());
  return out;
}

} // namespace

std::optional<url_parts> split_url(std::string_view url) {
  constexpr std::string_view slashes = "://";
  const auto scheme_end = url.find(slashes);
  if (scheme_end == std::string_view::npos)
    return std::nullopt;
  const auto rest = std::min(url.find_first_of("/?#", scheme_end + slashes.size()), url.size());
  const auto parsed = urls::parse_uri({url.data(), rest});
  // Of `a:1x` Boost 1.81 takes the `x` for a path.
  if (!parsed || !parsed->has_authority() || !parsed->encoded_path().empty())
    return std::nullopt;
  auto out = parts_of(parsed->authority());
  out.scheme = view_of(parsed->scheme());
  out.rest = url.substr(rest);
  return out;
}

std::optional<url_parts> split_authority(std::string_view text) {
  const auto parsed = urls::parse_authority({text.data(), text.size()});
  if (!parsed)
    return std::nullopt;
  return parts_of(*parsed);
}

// By hand, as the next but one: clients send what Boost.URL refuses, such as `|` or bytes of UTF-8
// as they are, and one broken parameter must not hide the others.
target_parts split_target(std::string_view target) {
  const auto query = target.find('?');
  if (query == std::string_view::npos)
    return {target, {}};
  return {target.substr(0, query), target.substr(query + 1)};
}

namespace {

bool decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.clear();
  const auto encoded = urls::make_pct_string_view({text.data(), text.size()});
  if (!encoded)
    return false;
  encoded->decode(urls::encoding_opts(plus_is_space), urls::string_token::assign_to(out));
  return true;
}

} // namespace

bool percent_decode(std::string_view text, std::string& out) {
  return decode(text, false, out);
}

text_result<std::string> query_parameter(std::string_view query, std::string_view name) {
  std::string decoded;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !decode(pair.substr(0, equals), true, decoded) ||
        decoded != name)
      continue;
    if (!decode(pair.substr(equals + 1), true, decoded))
      return fail("'" + std::string(name) + "' is not percent-encoded: write %25 for %");
    return decoded;
  }
  return std::string{};
}

} // namespace troupe
