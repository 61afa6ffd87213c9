#include "server/net/port_lock.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace troupe {

namespace {

using clock = std::chrono::steady_clock;

// Binds `socket` to the name of `port`; false when somebody has it.
bool claim(int socket, std::uint16_t port) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name =
    "troupe.port." + std::to_string(::geteuid()) + '.' + std::to_string(port);
  std::ranges::copy(name, address.sun_path + 1); // behind the zero that makes it abstract
  const auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address),
                static_cast<socklen_t>(size)) == 0 ||
         errno != EADDRINUSE;
}

} // namespace

text_result<port_lock> port_lock::take(std::vector<std::uint16_t> ports,
                                       std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds step{5};
  const auto end = clock::now() + patience;
  std::ranges::sort(ports); // the same order for everybody: nobody waits for who waits for him
  port_lock out;
  for (const auto port : ports) {
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (port == 0 || !socket) // without such sockets there is no lock, and a server all the same
      continue;
    while (!claim(socket.get(), port)) {
      if (clock::now() >= end)
        return fail("another server is about to listen on port " + std::to_string(port));
      std::this_thread::sleep_for(step);
    }
    out.held_.push_back(std::move(socket));
  }
  return out;
}

} // namespace troupe
