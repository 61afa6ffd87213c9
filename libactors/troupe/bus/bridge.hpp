// The actor of one rule: receives the events on the rule's subject and sends them on to their
// receivers. Runs on a loop or the pool.
//
// It keeps the order of events: all events for one topic, room or user take the same way. It gets
// no answers; each event's credit rides on until the last loop has delivered the event.
#pragma once

#include "troupe/bus/bridge_rule.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/server_context.hpp"

#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// What a bridge does: where it listens, and what it makes of what it hears there.
struct bridge_plan {
  std::string subject;
  std::string queue;
  std::function<shaped(std::string_view subject, std::string_view payload)> shape;
};
using bridge_plan_ptr = std::shared_ptr<const bridge_plan>;

/// The plan that follows a rule.
bridge_plan_ptr plan_of(bridge_rule rule, const limits& bounds);

class bridge final : public placed_actor<bus_listener_actor> {
public:
  bridge(caf::actor_config& config, event_loop* loop, const server_context& context,
         bridge_plan_ptr plan, bridge_rule_metrics& metrics);

  const char* name() const override { return "bridge"; }

protected:
  behavior_type make_behavior() override;

private:
  void on_message(bus_message& event);
  void warn(bridge_error error);

  const server_context& context_;
  const bridge_plan_ptr plan_;
  bridge_rule_metrics& metrics_;
  caf::actor_clock::time_point silent_until_{};
  std::uint64_t not_told_ = 0; // events skipped since the last warning
};

} // namespace troupe
