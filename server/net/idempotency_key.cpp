#include "server/net/idempotency_key.hpp"

#include <algorithm>

namespace troupe {

namespace {

// RFC 8941 section 4.2.5; `text` begins with the quote. Empty: it is none, or one of no use.
std::string quoted_string(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"')
      return i + 1 == text.size() ? out : std::string();
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '"' && text[i] != '\\')))
      return {};
    out += text[i];
  }
  return {};
}

} // namespace

result<std::string> idempotency_key(const http_header& header, const limits& bounds) {
  const boost::beast::string_view field{idempotency_key_field.data(), idempotency_key_field.size()};
  const auto times = header.count(field);
  if (times == 0)
    return std::string();
  if (times > 1)
    return fail(errc::bad_request, "'Idempotency-Key' is there twice");
  const auto value = header[field];
  const std::string_view text{value.data(), value.size()};
  auto key = text.starts_with('"') ? quoted_string(text) : std::string(text);
  const bool visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
  if (key.empty() || key.size() > bounds.id_bytes_max || !visible)
    return fail(errc::bad_request, "'Idempotency-Key' must be 1 to " +
                                     std::to_string(bounds.id_bytes_max) +
                                     " visible ASCII characters, in quotes or without");
  return key;
}

} // namespace troupe
