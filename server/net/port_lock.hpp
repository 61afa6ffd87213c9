// Keeps two servers that start in the same moment from both taking a port: each loop listens there
// with SO_REUSEPORT, so the kernel would let servers of one user share it without a word. Whoever
// has the lock looks whether the port is free, and listens; from then on the kernel tells others
// that it is not. Used while the server starts.
//
// The lock is a socket with a name and no file (unix(7), "abstract"): it is there once in a network
// namespace, as the port is, and goes with its process.
#pragma once

#include "server/net/descriptor.hpp"
#include "troupe/wire/result.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace troupe {

class port_lock {
public:
  /// Waits until no other server of this user is about to take one of `ports`; 0 is no port. The
  /// error says which one is being taken for longer than `patience`.
  static text_result<port_lock> take(std::vector<std::uint16_t> ports,
                                     std::chrono::milliseconds patience = std::chrono::seconds{5});

private:
  std::vector<descriptor> held_;
};

} // namespace troupe
