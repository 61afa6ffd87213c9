// NATS for one server, from start to end: the link, which the server talks to, and the thread
// behind it. Made and ended by the thread that owns the server.
#pragma once

#include "server/bridges/nats_thread.hpp"
#include "troupe/server_context.hpp"

#include <caf/actor_system.hpp>

namespace troupe {

class nats_bus {
public:
  /// Connects in the background. `loop` is where the link runs. Sets `server.routes.bus`.
  nats_bus(caf::actor_system& system, event_loop* loop, server_state& server,
           const nats_config& settings);
  /// After `finish`, when all actors are done: waits for the threads.
  ~nats_bus();

  /// What waits is sent, as far as NATS is there; then the link ends.
  void finish();

private:
  nats_thread thread_;
  nats_link_actor link_;
};

} // namespace troupe
