#include "server/net/cors.hpp"

#include "server/net/origin.hpp"

namespace troupe {

namespace http = boost::beast::http;

namespace {

std::string_view field(const http_header& header, http::field name) {
  const auto value = header[name];
  return {value.data(), value.size()};
}

} // namespace

http_fields cors_fields(const std::vector<std::string>& allowed, const http_header& header) {
  const auto origin = field(header, http::field::origin);
  if (header.count(http::field::origin) != 1 || origin.empty() ||
      !origin_allowed(allowed, origin, field(header, http::field::host)))
    return {};
  return {{"Access-Control-Allow-Origin", std::string(origin)},
          {"Access-Control-Expose-Headers", "Retry-After"},
          {"Vary", "Origin"}};
}

bool is_for_pages(const http_header& header) {
  return header.target().starts_with("/api/");
}

std::optional<http_response> preflight_response(const std::vector<std::string>& allowed,
                                                const http_request& request) {
  if (request.method() != http::verb::options || field(request, http::field::origin).empty() ||
      field(request, http::field::access_control_request_method).empty())
    return std::nullopt;
  if (cors_fields(allowed, request).empty())
    return error_response({errc::insufficient_permissions, "Origin not allowed"});
  return http_response{
    .status = 204,
    .body = {},
    .fields = {{"Access-Control-Allow-Methods", "GET, POST, DELETE"},
               {"Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key"},
               {"Access-Control-Max-Age", "600"}}};
}

} // namespace troupe
