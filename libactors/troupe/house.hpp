// What everybody in one server knows: settings, and the way to those whom all need. Filled in by
// `main` (or a test) before the first connection; read-only from then on. Thread-safe.
#pragma once

#include "troupe/access.hpp"
#include "troupe/actors.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/deny_list.hpp"
#include "troupe/room_logic.hpp"
#include "troupe/runtime/bridge_metrics.hpp"
#include "troupe/runtime/bus_metrics.hpp"
#include "troupe/runtime/event_loop.hpp"
#include "troupe/runtime/metrics.hpp"
#include "troupe/tap.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/rpc_rules.hpp"
#include "troupe/wire/timestamp.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace troupe {

struct house {
  std::string server_name = "Troupe";
  limits bounds;
  std::chrono::milliseconds heartbeat{30'000};
  room_types rooms;
  access_rules access; ///< who may do what, by namespace

  /// Drawn anew at each start: tells the epochs of this run from those before.
  std::string epoch;
  std::uint64_t seed = 0;

  /// Who a token says its bearer is, or why it is not valid (for the log: none of the token is in
  /// it). Null when no tokens are in use. Any thread.
  std::function<std::variant<identity_ptr, std::string>(std::string_view token)> verify;
  /// How long a connection may outlive its token.
  std::chrono::milliseconds expiry_grace{10'000};

  /// The time that frames carry.
  std::function<wall_time()> now = wall_now;

  /// Where rooms and topics run: a loop, or null for the pool. Any thread.
  std::function<event_loop*(audience_id)> place = [](audience_id) { return nullptr; };

  /// Told about failures that are ours: an actor that died, a bound that was hit. Any thread.
  std::function<void(std::string_view)> report = [](std::string_view) {};
  /// Told about what others do wrong, and somebody here may want to know. Any thread.
  std::function<void(std::string_view)> warn = [](std::string_view) {};

  /// Told what admins do, to whom, and who was refused: for the log. Any thread.
  std::function<void(std::string_view what, std::string_view who, std::string_view whom)> audit =
    [](std::string_view, std::string_view, std::string_view) {};

  std::vector<outlet_actor> outlets; ///< by number of loop
  directory_actor directory;
  users_actor users;

  /// The way to a message bus; null where none is configured. And what is counted of it.
  bus_actor bus;
  mutable troupe::bus_metrics bus_metrics;
  /// Told what happens, for a bridge that publishes it; null where none is configured.
  event_tap tap;
  /// Which services clients may call, and who calls them; null where there is no bus.
  rpc_rules rpc;
  rpc_caller_actor caller;

  /// Who is not let in although the token is good. The users write it; read at handshakes and
  /// refreshes.
  mutable deny_board denials;
  bool denied(const identity& who) const { return denials.denies(who, now()); }

  /// Begins to drain, as SIGTERM does. Any thread; again has no effect.
  std::function<void()> begin_drain = [] {};

  /// What `/metrics` shows.
  mutable house_metrics metrics;
  mutable bridge_metrics bridge;

  /// Connections alive, for `limits::connections_max`.
  mutable std::atomic<std::uint32_t> connections{0};

  const outlet_actor& outlet_of(connection_id connection) const {
    return outlets[connection.loop()];
  }
};

} // namespace troupe
