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

using http_header = boost::beast::http::request_header<>;
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

} // namespace troupe
