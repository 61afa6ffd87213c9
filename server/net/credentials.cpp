#include "server/net/credentials.hpp"

#include "server/text/url.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

namespace troupe {

namespace http = boost::beast::http;

namespace {

// The scheme's name is case-insensitive (RFC 9110 section 11.1).
std::string from_authorization(const http_request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request[http::field::authorization];
  const std::string_view given{field.data(), field.size()};
  if (given.size() <= scheme.size() ||
      !boost::beast::iequals({given.data(), scheme.size()}, {scheme.data(), scheme.size()}))
    return {};
  return std::string(given.substr(scheme.size()));
}

std::string from_subprotocols(const http_request& request) {
  constexpr std::string_view prefix = "bearer.";
  for (const auto& offered : http::token_list{request[http::field::sec_websocket_protocol]}) {
    const std::string_view name{offered.data(), offered.size()};
    if (name.starts_with(prefix))
      return std::string(name.substr(prefix.size()));
  }
  return {};
}

} // namespace

text_result<std::string> token_of(const http_request& request, std::string_view query) {
  if (auto token = from_authorization(request); !token.empty())
    return token;
  if (auto token = query_parameter(query, "token"); !token || !token->empty())
    return token;
  return from_subprotocols(request);
}

} // namespace troupe
