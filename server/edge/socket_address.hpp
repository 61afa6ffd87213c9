// Addresses of clients as the kernel tells them.
#pragma once

#include "troupe/wire/client_address.hpp"

struct sockaddr;

namespace troupe {

/// Of an IPv4 or IPv6 socket address; unknown for any other family, or none. Pure.
client_address address_of(const sockaddr* where);

/// Of the other end of a socket; unknown where it has none.
client_address peer_address(int socket);

} // namespace troupe
