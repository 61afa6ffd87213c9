// Which proxies are believed about the client they speak for: `[proxy]`. Pure.
#pragma once

#include "troupe/wire/client_address.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace troupe {

enum class proxy_protocol : std::uint8_t { none, proxy_v2, x_forwarded_for };

inline constexpr std::array<std::string_view, 3> proxy_protocol_names{"none", "proxy_v2",
                                                                      "x_forwarded_for"};

struct proxy_config {
  /// Whose word about addresses is believed; nobody else's is.
  std::vector<address_block> trusted;
  proxy_protocol protocol = proxy_protocol::none;

  bool trusts(proxy_protocol what, const client_address& who) const {
    return protocol == what && is_in(trusted, who);
  }
};

} // namespace troupe
