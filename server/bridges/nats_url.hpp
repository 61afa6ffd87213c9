// Where NATS is, as `[nats] url` and `troupe tail --nats` are told. Text only. Pure.
//
// Taken apart by hand, because nats.c is not as strict as RFC 3986 and Boost.URL with it: a
// password may have `/`, `#` or `@` as they are (the last `@` counts), and an IPv6 address a zone.
// Or they are percent-encoded, as in any URL: nats.c would take that literally.
#pragma once

#include "troupe/wire/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What `nats_urls_valid` asks for, in words.
inline constexpr std::string_view nats_urls_expected =
  "nats://HOST:PORT or tls://HOST:PORT, several with commas";

/// `nats://user:password@host:port` in its parts, as nats.c divides it.
struct nats_url_parts {
  std::string_view scheme;    ///< with ://, or empty
  std::string_view user_info; ///< user:password, or a token, percent-encoded; or empty
  std::string_view address;   ///< host:port, or a host
};
nats_url_parts split_nats_url(std::string_view url);

/// Those of a list with commas, without the blanks around them.
std::vector<std::string> split_nats_urls(std::string_view list);

/// Whether each of the list is nats:// or tls:// with a host, and a port from 1 to 65535 or none.
bool nats_urls_valid(std::string_view list);

/// Who one is for NATS: a user, or a token.
struct nats_login {
  std::string user;
  std::string password;
  std::string token; ///< or empty: a user
  bool operator==(const nats_login&) const = default;
};

/// What the URLs of a list say, decoded; nothing where none says anything. They are of one cluster:
/// one that says nothing means the same as the others. An error holds nothing of them.
text_result<std::optional<nats_login>> nats_urls_login(std::string_view list);

/// A URL without the user and password that it may have.
std::string nats_address(std::string_view url);

/// The same of each in a list, with commas.
std::string nats_addresses(std::string_view list);

} // namespace troupe
