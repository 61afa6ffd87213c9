// The few HTTP types that the files of this folder share. Pure.
#pragma once

#include "troupe/wire/errors.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

using http_request = boost::beast::http::request<boost::beast::http::string_body>;

struct http_response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields{}; ///< beyond type, length, connection
};

/// `{"error":{"code":…,"message":…}}` with the status that fits the code, or with `status`.
http_response error_response(const error& why, unsigned status = 0);

/// The whole answer as bytes.
std::string serialize(const http_response& response, bool keep_alive, bool head_only);

/// The path and the query of a request's target, still percent-encoded.
struct target_parts {
  std::string_view path;
  std::string_view query;
};
target_parts split_target(std::string_view target);

/// Decodes `%41`; false when an escape is broken. `+` stays what it is.
bool percent_decode(std::string_view text, std::string& out);

/// The decoded value of one parameter of a query, or empty.
std::string query_parameter(std::string_view query, std::string_view name);

} // namespace troupe
