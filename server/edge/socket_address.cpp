#include "server/edge/socket_address.hpp"

#include <array>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace troupe {

client_address address_of(const sockaddr* where) {
  if (where && where->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, where, sizeof v4);
    std::array<unsigned char, 4> bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return client_address::of_v4(bytes);
  }
  client_address out;
  if (where && where->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, where, sizeof v6);
    std::memcpy(out.bytes.data(), &v6.sin6_addr, out.bytes.size());
  }
  return out;
}

client_address peer_address(int socket) {
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  auto* const any = reinterpret_cast<sockaddr*>(&where);
  return ::getpeername(socket, any, &size) == 0 ? address_of(any) : client_address{};
}

} // namespace troupe
