#include "server/net/credentials.hpp"

#include "server/net/list_fields.hpp"
#include "server/net/ws_parameters.hpp"
#include "server/text/url.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace troupe {

namespace http = boost::beast::http;

namespace {

// What follows `prefix` in the list of subprotocols; or empty.
std::string from_subprotocols(const http_request& request, std::string_view prefix) {
  std::string found;
  any_token(request, http::field::sec_websocket_protocol, [&](std::string_view name) {
    if (name.starts_with(prefix))
      found = name.substr(prefix.size());
    return !found.empty();
  });
  return found;
}

} // namespace

std::string_view bearer_of(const http_header& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request[http::field::authorization];
  std::string_view given{field.data(), field.size()};
  if (given.size() <= scheme.size() ||
      !boost::beast::iequals({given.data(), scheme.size()}, {scheme.data(), scheme.size()}))
    return {};
  given.remove_prefix(scheme.size());
  return given.substr(std::min(given.find_first_not_of(' '), given.size()));
}

text_result<std::string> token_of(const http_request& request, std::string_view query) {
  if (const auto token = bearer_of(request); !token.empty())
    return std::string(token);
  if (auto token = query_parameter(query, ws_parameter::token); !token || !token->empty())
    return token;
  return from_subprotocols(request, "bearer.");
}

text_result<std::string> session_of(const http_request& request, std::string_view query) {
  if (auto session = query_parameter(query, ws_parameter::session); !session || !session->empty())
    return session;
  return from_subprotocols(request, "session.");
}

} // namespace troupe
