// The few HTTP types that the files of this folder share. Pure.
#pragma once

#include "troupe/wire/errors.hpp"
#include "troupe/wire/timestamp.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

using http_header = boost::beast::http::request_header<>;
using http_request = boost::beast::http::request<boost::beast::http::string_body>;

using http_fields = std::vector<std::pair<std::string, std::string>>;

struct http_response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  http_fields fields{}; ///< beyond type, length, connection
};

/// `{"error":{"code":…,"message":…}}` with the status that fits the code, or with `status`.
http_response error_response(const error& why, unsigned status = 0);

/// What of an answer's bytes depends on the request, and on when it is given.
struct response_form {
  bool keep_alive = true;     ///< or `Connection: close`
  bool http_1_0 = false;      ///< that asked: a connection that is kept alive has to be told so
  bool head_only = false;     ///< the body is left out, its length is not
  http_fields for_pages{};    ///< added to errors: see cors.hpp
  bool all_for_pages = false; ///< added to anything
  std::optional<wall_time> date{};
};

/// The whole answer as bytes.
std::string serialize(const http_response& response, const response_form& form);

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
std::string http_date(wall_time at);

} // namespace troupe
