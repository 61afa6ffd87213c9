// All that the server can be told. Each member has the name of its section in the file. Pure.
#pragma once

#include "server/settings/api_config.hpp"
#include "server/settings/auth_config.hpp"
#include "server/settings/bridge_config.hpp"
#include "server/settings/debug_config.hpp"
#include "server/settings/defaults_config.hpp"
#include "server/settings/deflate_settings.hpp"
#include "server/settings/log_config.hpp"
#include "server/settings/metrics_config.hpp"
#include "server/settings/nats_config.hpp"
#include "server/settings/proxy_config.hpp"
#include "server/settings/server_config.hpp"
#include "server/settings/tls_config.hpp"
#include "troupe/access.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <vector>

namespace troupe {

struct config {
  server_config server;
  troupe::limits limits;
  api_config api;
  auth_config auth;
  tls_config tls;
  proxy_config proxy;
  deflate_settings deflate;
  defaults_config defaults;
  metrics_config metrics;
  nats_config nats;
  log_config log;
  debug_config debug;
  std::vector<namespace_rule> namespaces; ///< `[[namespace]]`, in their order; none: all is open
  bridge_config bridge;                   ///< `[[bridge.rule]]` and `[[bridge.publish]]`
  std::vector<rpc_rule> rpc_allow;        ///< `[[rpc.allow]]`, in their order
};

} // namespace troupe
