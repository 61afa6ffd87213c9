#include "server/bridges/bus_parts.hpp"

#include "server/bridges/nats_bus.hpp"
#include "troupe/bus/bridge.hpp"
#include "troupe/bus/bridges.hpp"
#include "troupe/bus/bus_publisher.hpp"
#include "troupe/bus/bus_service.hpp"
#include "troupe/bus/rpc_caller.hpp"

#include <caf/send.hpp>

#include <utility>
#include <vector>

namespace troupe {

namespace {

std::vector<bridge_plan_ptr> plans_of(const config& settings) {
  std::vector<bridge_plan_ptr> out;
  for (auto& rule : settings.bridge.rules ? *settings.bridge.rules : default_bridge_rules())
    out.push_back(plan_of(rule, settings.limits));
  return out;
}

} // namespace

bus_parts::bus_parts(caf::actor_system& system, event_loop* loop, server_state& server,
                     const config& settings)
  : server_(server),
    bus_(std::make_unique<nats_bus>(system, loop, server, settings.nats)) {
  server.routes.caller = spawn_placed<rpc_caller>(system, loop, server.context);
  if (!settings.bridge.publishes.empty())
    server.observers.tap = make_bus_publisher(server.context, settings.bridge.publishes);
  rules_ = spawn_placed<bridges>(system, loop, server.context, plans_of(settings));
  service_ = spawn_placed<bus_service>(system, loop, server.context, server.routes.bus,
                                       service::self{.name = settings.nats.service,
                                                     .version = TROUPE_VERSION,
                                                     .id = server.settings.epoch,
                                                     .inbox = settings.nats.inbox_prefix});
}

bus_parts::~bus_parts() {
  server_.observers.tap = nullptr;
  server_.routes.caller = nullptr;
  server_.routes.bus = nullptr;
}

void bus_parts::finish() {
  caf::anon_send_exit(rules_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(service_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(server_.routes.caller, caf::exit_reason::user_shutdown);
  bus_->finish();
}

} // namespace troupe
