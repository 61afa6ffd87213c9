#include "server/live_settings_of.hpp"

namespace troupe {

live_settings live_settings_of(const config& c) {
  live_settings out{.bounds = c.limits};
  if (!c.namespaces.empty())
    out.access = access_rules(c.namespaces);
  if (c.nats.wanted())
    out.rpc = rpc_rules(c.rpc_allow);
  out.api_keys = c.api.keys;
  out.origins = c.server.origins;
  return out;
}

} // namespace troupe
