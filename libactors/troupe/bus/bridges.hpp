// The supervisor of the rules: starts an actor for each rule, and restarts a failed one after a
// pause that grows; the other rules go on. Runs on a loop or the pool.
//
// When a rule fails, its unhandled events are lost, and so are those that arrive until it listens
// again: at most once, as on any NATS subject.
#pragma once

#include "troupe/bus/bridge.hpp"
#include "troupe/runtime/backoff.hpp"
#include "troupe/ticking_actor.hpp"

#include <cstdint>
#include <vector>

namespace troupe {

class bridges final : public ticking_actor<bridges_actor> {
public:
  /// Enters the rules into the metrics of `here`: make it before the first connection.
  bridges(caf::actor_config& config, event_loop* loop, const server_context& context,
          std::vector<bridge_plan_ptr> plans);

  const char* name() const override { return "bridges"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct rule {
    bridge_plan_ptr plan;
    bridge_rule_metrics* metrics;
    bus_listener_actor actor; // null while it is down
    backoff failures;
  };

  void start(std::size_t number);
  void on_down(const caf::down_msg& down);

  const server_context& context_; // with a bus
  std::vector<rule> rules_;
};

} // namespace troupe
