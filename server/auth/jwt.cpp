#include "server/auth/jwt.hpp"

#include "server/auth/base64url.hpp"
#include "server/auth/strict_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace troupe {

namespace {

using nlohmann::json;

constexpr std::size_t key_id_bytes_max = 256;

// What a token is for, where it says so: one made for something else, such as a logout, is no proof
// of who is there (RFC 8725 section 3.11).
bool known_type(const json& type) {
  if (!type.is_string())
    return false;
  auto name = type.get<std::string>();
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::string_view prefix = "application/";
  if (name.starts_with(prefix))
    name.erase(0, prefix.size());
  return name == "jwt" || name == "at+jwt";
}

text_result<> read_header(const std::string& text, jwt& into) {
  json header;
  if (!read_strict_object(text, header))
    return fail("the header is not JSON");
  const auto algorithm = header.find("alg");
  if (algorithm == header.end() || !algorithm->is_string())
    return fail("the header has no alg");
  const auto named = algorithm_named(algorithm->get_ref<const std::string&>());
  if (!named)
    return fail("the header's alg is none of HS256, RS256, ES256, EdDSA");
  into.algorithm = *named;
  if (header.contains("crit"))
    return fail("the header has critical extensions");
  if (const auto type = header.find("typ"); type != header.end() && !known_type(*type))
    return fail("the header's typ is another than JWT");
  if (const auto id = header.find("kid"); id != header.end()) {
    if (!id->is_string() || id->get_ref<const std::string&>().size() > key_id_bytes_max)
      return fail("the header's kid is no name of a key");
    into.key_id = id->get<std::string>();
  }
  return {};
}

} // namespace

text_result<jwt> parse_jwt(std::string_view token) {
  if (token.size() > token_bytes_max)
    return fail("longer than " + std::to_string(token_bytes_max) + " bytes");
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last)
    return fail("not three parts with dots between");
  if (first == 0 || last == first + 1 || last + 1 == token.size())
    return fail("a part is empty");
  const auto header = base64url_decode(token.substr(0, first));
  auto payload = base64url_decode(token.substr(first + 1, last - first - 1));
  auto signature = base64url_decode(token.substr(last + 1));
  if (!header || !payload || !signature)
    return fail("a part is not base64url");
  jwt parsed{};
  if (auto read = read_header(*header, parsed); !read)
    return fail(std::move(read).error());
  parsed.signed_text = token.substr(0, last);
  parsed.payload = std::move(*payload);
  parsed.signature = std::move(*signature);
  return parsed;
}

} // namespace troupe
