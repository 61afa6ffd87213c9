// What everybody in one server knows: settings, and the way to those whom all need. Filled in by
// `main` (or a test) before the first connection; read-only from then on. Thread-safe.
#pragma once

#include "troupe/actors.hpp"
#include "troupe/event_loop.hpp"
#include "troupe/limits.hpp"
#include "troupe/room_logic.hpp"
#include "troupe/timestamp.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace troupe {

struct house {
  std::string server_name = "Troupe";
  limits bounds;
  std::chrono::milliseconds heartbeat{30'000};
  room_types rooms;

  /// Drawn anew at each start: tells the epochs of this run from those before.
  std::string epoch;
  std::uint64_t seed = 0;

  /// The time that frames carry.
  std::function<wall_time()> now = wall_now;

  /// Where rooms and topics run: a loop, or null for the pool. Any thread.
  std::function<event_loop*(audience_id)> place = [](audience_id) { return nullptr; };

  /// Told about failures that are ours: an actor that died, a bound that was hit. Any thread.
  std::function<void(std::string_view)> report = [](std::string_view) {};

  std::vector<outlet_actor> outlets; ///< by number of loop
  directory_actor directory;

  /// Connections alive, for `limits::connections_max`.
  mutable std::atomic<std::uint32_t> connections{0};

  const outlet_actor& outlet_of(connection_id connection) const {
    return outlets[connection.loop()];
  }
};

} // namespace troupe
