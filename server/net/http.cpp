#include "server/net/http.hpp"

#include "troupe/json/json_characters.hpp"
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

target_parts split_target(std::string_view target) {
  const auto query = target.find('?');
  if (query == std::string_view::npos)
    return {target, {}};
  return {target.substr(0, query), target.substr(query + 1)};
}

bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3)
      return false;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0)
      return false;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

std::string query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name)
      continue;
    std::string value;
    return percent_decode(pair.substr(equals + 1), value) ? value : std::string{};
  }
  return {};
}

} // namespace troupe
