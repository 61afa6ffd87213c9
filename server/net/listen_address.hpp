// The address to listen on, and how it is told. Pure, but that names are looked up.
#pragma once

#include "troupe/wire/result.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// `host` as an IP address: itself, or what the system knows the name for, an IPv4 address first.
/// May wait for a name server.
text_result<std::string> find_listen_address(const std::string& host);

/// Where clients reach it, as they would write it: `http://127.0.0.1:8081/`, or for an address that
/// stands for all, `0.0.0.0:8081 (every IPv4 address), here http://127.0.0.1:8081/`. `port` is the
/// one for all, `tls_port` one for TLS alone or 0; `tls_only`: nothing else is spoken on either.
std::string describe_listening(const std::string& address, std::uint16_t port, bool tls_only,
                               std::uint16_t tls_port);

} // namespace troupe
