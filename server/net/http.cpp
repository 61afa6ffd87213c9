#include "server/net/http.hpp"

#include "troupe/json/json_text.hpp"

#include <boost/beast/http/status.hpp>

namespace troupe {

http_response error_response(const error& why, unsigned status) {
  http_response response;
  response.status = status != 0 ? status : http_status(why.code);
  response.body = R"({"error":{"code":")" + std::string(to_string(why.code)) + R"(","message":)";
  append_json_string(response.body, why.message);
  response.body += "}}\n";
  return response;
}

std::string serialize(const http_response& response, bool keep_alive, bool head_only) {
  const auto reason =
    boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
  if (response.status != 204) // which has no body, not even an empty one
    out += "Content-Type: " + response.content_type +
           "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  for (const auto& [name, value] : response.fields)
    out += name + ": " + value + "\r\n";
  if (!keep_alive)
    out += "Connection: close\r\n";
  out += "\r\n";
  if (!head_only)
    out += response.body;
  return out;
}

} // namespace troupe
