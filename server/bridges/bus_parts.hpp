// Everything of the server that needs NATS: the link, the rules that bring events in, publishing
// outward, the server as a service, the calls of clients. Made and ended by the thread that owns
// the server.
#pragma once

#include "server/settings/config.hpp"
#include "troupe/server_context.hpp"

#include <caf/actor_system.hpp>

#include <memory>

namespace troupe {

class nats_bus;

class bus_parts {
public:
  /// Before the first connection. `loop` is where what is not about one room or topic runs.
  bus_parts(caf::actor_system& system, event_loop* loop, server_state& server,
            const config& settings);
  /// When all actors are done and the loops have stopped: waits for the threads that talk to NATS.
  ~bus_parts();

  /// Everything ends, the link last, when NATS has what was published before.
  void finish();

private:
  server_state& server_;
  std::unique_ptr<nats_bus> bus_;
  bridges_actor rules_;
  bus_listener_actor service_;
};

} // namespace troupe
