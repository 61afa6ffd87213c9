// Returns memory to the system after most connections have closed: by itself, the allocator keeps
// what was freed in the middle of its heap. Runs on one I/O loop; the work itself runs on the pool.
#pragma once

#include "troupe/runtime/event_loop.hpp"
#include "troupe/server_context.hpp"

#include <cstdint>

namespace troupe {

/// Whether it is worth it. To look through the heap of many connections takes long, and whoever
/// allocates waits meanwhile; so it is done when most have left, never because some come and go.
/// Pure.
class heap_trim_rule {
public:
  /// Told now and then how many connections there are, and how many sockets were ever accepted.
  bool wants_trim(std::uint64_t connections, std::uint64_t accepted);

private:
  static constexpr std::uint64_t connections_min = 1'000;
  static constexpr std::uint64_t sockets_min = 5'000; // that came, and went again

  std::uint64_t most_ = 0;
  std::uint64_t accepted_ = 0;
};

/// Gives the system what the allocator holds and nobody uses, on a thread of the pool.
void give_memory_back(caf::actor_system& system);

class heap_trim final : private timer_wheel::deadline {
public:
  heap_trim(event_loop& on, const server_context& context) : loop_(on), context_(context) {}

  /// Begins to look every few seconds. Loop thread.
  void start();
  /// Loop thread.
  void stop() { cancel(); }

private:
  void on_deadline(timer_wheel::time_point now) override;

  event_loop& loop_;
  const server_context& context_;
  heap_trim_rule rule_;
};

} // namespace troupe
