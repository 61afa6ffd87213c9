#include "server/live_settings_of.hpp"

#include "server/config/access_of.hpp"
#include "troupe/bus/bridge_rule.hpp"

#include <algorithm>

namespace troupe {

live_settings live_settings_of(const config& c) {
  live_settings out{.bounds = c.limits};
  out.access = access_of(c);
  const auto& kept = c.defaults;
  out.room_history = {kept.room_history_messages, kept.history_bytes, kept.room_history};
  out.topic_history = {kept.topic_history_messages, kept.history_bytes, kept.topic_history};
  out.room_presence = kept.room_presence_mode;
  out.topic_presence = kept.topic_presence_mode;
  if (c.nats.wanted()) {
    out.rpc = rpc_rules(c.rpc_allow);
    out.from_services = [rules = c.bridge.rules.value_or(default_bridge_rules())](
                          std::string_view topic, std::string_view event) {
      return std::any_of(rules.begin(), rules.end(),
                         [&](const bridge_rule& rule) { return may_bring(rule, topic, event); });
    };
  }
  out.api_keys = c.api.keys;
  out.origins = c.server.origins;
  out.reserved_names = c.server.reserved_names;
  return out;
}

} // namespace troupe
