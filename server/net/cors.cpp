#include "server/net/cors.hpp"

#include "server/net/origin.hpp"

namespace troupe {

namespace http = boost::beast::http;

namespace {

std::string_view field(const http_request& request, http::field name) {
  const auto value = request[name];
  return {value.data(), value.size()};
}

} // namespace

std::vector<std::pair<std::string, std::string>>
cors_fields(const std::vector<std::string>& allowed, const http_request& request) {
  const auto origin = field(request, http::field::origin);
  if (origin.empty() || !origin_allowed(allowed, origin, field(request, http::field::host)))
    return {};
  return {{"Access-Control-Allow-Origin", std::string(origin)},
          {"Access-Control-Expose-Headers", "Retry-After"},
          {"Vary", "Origin"}};
}

std::optional<http_response> preflight_response(const std::vector<std::string>& allowed,
                                                const http_request& request) {
  if (request.method() != http::verb::options || field(request, http::field::origin).empty() ||
      field(request, http::field::access_control_request_method).empty())
    return std::nullopt;
  auto fields = cors_fields(allowed, request);
  if (fields.empty())
    return error_response({errc::insufficient_permissions, "Origin not allowed"});
  fields.insert(fields.end(), {{"Access-Control-Allow-Methods", "GET, POST"},
                               {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
                               {"Access-Control-Max-Age", "600"}});
  return http_response{.status = 204, .body = {}, .fields = std::move(fields)};
}

} // namespace troupe
