// Who a client behind a proxy is: the PROXY protocol's header, version 2, and X-Forwarded-For.
// Pure.
//
// Both are believed only from addresses that the configuration trusts; that is for the caller to
// have looked at. https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, section 2.2.
#pragma once

#include "server/settings/proxy_config.hpp"
#include "troupe/wire/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace troupe {

/// Longest header that is read. Addresses need 52 bytes; the rest is extensions, which are skipped.
inline constexpr std::size_t proxy_header_bytes_max = 4096;

struct proxy_header {
  std::size_t bytes = 0;   ///< of the whole header: what follows is the client's
  client_address client{}; ///< not known where the proxy speaks for itself or cannot tell

  friend bool operator==(const proxy_header&, const proxy_header&) = default;
};

enum class proxy_error : std::uint8_t {
  incomplete, ///< right so far: more must come
  malformed,
};

/// The header at the beginning of `received`.
result<proxy_header, proxy_error> read_proxy_header(std::string_view received);

/// The client that a trusted `peer` speaks for: of the addresses in its X-Forwarded-For fields, in
/// their order, the last that is not a trusted proxy's. `peer` where there is none. Each proxy
/// appends whom it heard from, so what stands before that address may be anybody's invention.
client_address forwarded_client(std::span<const std::string_view> fields,
                                const std::vector<address_block>& trusted, client_address peer);

} // namespace troupe
