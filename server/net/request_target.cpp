#include "server/net/request_target.hpp"

#include "server/text/url.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <string>

namespace troupe {

namespace http = boost::beast::http;

namespace {

bool names_this_protocol(std::string_view scheme) {
  constexpr std::string_view spoken[] = {"http", "https", "ws", "wss"};
  return std::ranges::any_of(spoken, [&](std::string_view each) {
    return boost::beast::iequals({scheme.data(), scheme.size()}, {each.data(), each.size()});
  });
}

} // namespace

result<> normalize_target(http_header& header) {
  const std::string target(header.target().data(), header.target().size());
  if (target.starts_with('/') || (target == "*" && header.method() == http::verb::options))
    return {};
  const auto url = split_url(target);
  if (!url || !names_this_protocol(url->scheme) || url->user_info || url->host.empty())
    return fail(errc::bad_request, "The target must be a path, or an http URL");
  std::string host(url->host);
  if (url->port)
    host.append(":").append(*url->port);
  header.set(http::field::host, host);
  header.target((url->rest.starts_with('/') ? "" : "/") + std::string(url->rest));
  return {};
}

} // namespace troupe
