// Gives memory back to the system when a crowd has gone: the allocator alone keeps what was freed
// in the middle of its heap. Runs on one I/O loop; the work itself is done on the pool.
#pragma once

#include "server/net/io_loop.hpp"
#include "troupe/house.hpp"

#include <cstdint>

namespace troupe {

/// Whether it is worth it. To look through the heap of many connections takes long, and whoever
/// allocates waits meanwhile; so it is done when most have left, never because some come and go.
/// Pure.
class crowd_watch {
public:
  /// Told now and then how many connections there are, and how many sockets were ever accepted.
  bool has_left(std::uint64_t connections, std::uint64_t accepted);

private:
  static constexpr std::uint64_t crowd = 1'000;    // connections
  static constexpr std::uint64_t stampede = 5'000; // sockets that came, and went again

  std::uint64_t most_ = 0;
  std::uint64_t accepted_ = 0;
};

class memory_return final : private timer_wheel::deadline {
public:
  memory_return(io_loop& on, const house& here) : loop_(on), here_(here) {}

  /// Begins to look every few seconds. Loop thread.
  void start();
  /// Loop thread.
  void stop() { cancel(); }

private:
  void on_deadline(timer_wheel::time_point now) override;

  io_loop& loop_;
  const house& here_;
  crowd_watch watch_;
};

} // namespace troupe
