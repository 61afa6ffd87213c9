#include "server/bridges/nats_bus.hpp"

#include "server/bridges/nats_link.hpp"

#include <caf/send.hpp>

namespace troupe {

nats_bus::nats_bus(caf::actor_system& system, event_loop* loop, house& here,
                   const nats_config& settings)
  : thread_(settings, here.bus_metrics) {
  here.bus_metrics.configured = true;
  here.bus_metrics.required = settings.required;
  link_ = spawn_placed<nats_link>(system, loop, thread_, settings, here.bus_metrics);
  here.bus = link_;
  thread_.start(link_);
}

nats_bus::~nats_bus() = default;

void nats_bus::finish() {
  caf::anon_send(link_, nats_finish{});
}

} // namespace troupe
