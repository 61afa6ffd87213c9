#include "server/net/list_fields.hpp"

#include <boost/beast/core/string.hpp>

namespace troupe {

namespace http = boost::beast::http;

bool lists(const http_header& header, http::field name, std::string_view token) {
  return any_token(header, name, [token](std::string_view each) {
    return boost::beast::iequals({each.data(), each.size()}, {token.data(), token.size()});
  });
}

std::string whole_list(const http_header& header, http::field name) {
  std::string out;
  const auto [begin, end] = header.equal_range(name);
  for (auto line = begin; line != end; ++line)
    out.append(out.empty() ? "" : ",").append(line->value().data(), line->value().size());
  return out;
}

bool asks_for_websocket(const http_header& header) {
  return header.version() >= 11 && header.method() == http::verb::get &&
         lists(header, http::field::connection, "upgrade") &&
         lists(header, http::field::upgrade, "websocket");
}

} // namespace troupe
