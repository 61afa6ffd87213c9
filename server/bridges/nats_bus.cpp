#include "server/bridges/nats_bus.hpp"

#include "server/bridges/nats_link.hpp"

#include <caf/send.hpp>

namespace troupe {

nats_bus::nats_bus(caf::actor_system& system, event_loop* loop, server_state& server,
                   const nats_config& settings)
  : thread_(settings, server.metrics.bus) {
  server.metrics.bus.configured = true;
  server.metrics.bus.required = settings.required;
  link_ = spawn_placed<nats_link>(system, loop, thread_, settings, server.metrics.bus);
  server.routes.bus = link_;
  thread_.start(link_);
}

nats_bus::~nats_bus() = default;

void nats_bus::finish() {
  caf::anon_send(link_, nats_finish{});
}

} // namespace troupe
