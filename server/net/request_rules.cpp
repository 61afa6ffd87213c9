#include "server/net/request_rules.hpp"

#include "server/net/list_fields.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <string>

namespace troupe {

namespace http = boost::beast::http;

namespace {

// Two of these, and the server might go by one of them and somebody before it by the other.
constexpr http::field single_fields[] = {
  http::field::host,
  http::field::content_length,
  http::field::transfer_encoding,
  http::field::authorization,
  http::field::origin,
  http::field::expect,
  http::field::sec_websocket_key,
  http::field::sec_websocket_version,
};

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// `name`, `name:port`, `[v6]:port`; may be empty. The parser has refused control characters.
bool may_be_host(std::string_view text) {
  return text.find_first_of(" \t,/?#@\\\"<>") == std::string_view::npos;
}

tl::unexpected<error> bad(std::string text) {
  return fail(errc::bad_request, std::move(text));
}

} // namespace

result<> check_header(const http_header& header) {
  for (const auto field : single_fields)
    if (header.count(field) > 1) {
      const auto name = http::to_string(field);
      return bad("'" + std::string(name.data(), name.size()) + "' is there twice");
    }
  const auto value = [&](http::field field) {
    const auto text = header[field];
    return std::string_view{text.data(), text.size()};
  };
  const bool encoded = header.count(http::field::transfer_encoding) > 0;
  const bool measured = header.count(http::field::content_length) > 0;
  if (encoded && measured)
    return bad("'Transfer-Encoding' and 'Content-Length' exclude each other");
  if (encoded && header.version() < 11)
    return bad("'Transfer-Encoding' is not part of HTTP/1.0");
  if (encoded && !boost::beast::iequals(header[http::field::transfer_encoding], "chunked"))
    return bad("'Transfer-Encoding' must be 'chunked'");
  if (measured && !is_number(value(http::field::content_length)))
    return bad("'Content-Length' must be a number");
  if ((encoded || (measured && value(http::field::content_length) != "0")) &&
      asks_for_websocket(header))
    return bad("A WebSocket handshake has no body");
  if (header.version() >= 11 && header.count(http::field::host) == 0)
    return bad("'Host' is required");
  if (!may_be_host(value(http::field::host)))
    return bad("'Host' must be a host");
  return {};
}

bool has_folded_line(std::string_view unparsed) {
  while (true) {
    const auto end = unparsed.find("\r\n");
    if (end == std::string_view::npos || end == 0) // no whole line, or the end of the header
      return false;
    unparsed.remove_prefix(end + 2);
    if (unparsed.starts_with(' ') || unparsed.starts_with('\t'))
      return true;
  }
}

} // namespace troupe
