#include "server/net/credentials.hpp"

#include "server/net/list_fields.hpp"
#include "server/text/url.hpp"

#include <boost/beast/core/string.hpp>

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
  std::string token;
  any_token(request, http::field::sec_websocket_protocol, [&](std::string_view name) {
    if (name.starts_with(prefix))
      token = name.substr(prefix.size());
    return !token.empty();
  });
  return token;
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
