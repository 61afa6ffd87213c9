#include "troupe/bus/bridges.hpp"

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>

namespace troupe {

bridges::bridges(caf::actor_config& config, event_loop* loop, const server_context& context,
                 std::vector<bridge_plan_ptr> plans)
  : ticking_actor(config, loop),
    context_(context) {
  report_exceptions(context.observers.report, "bridges");
  set_down_handler([this](caf::down_msg& down) { on_down(down); });
  for (auto& plan : plans) {
    auto& metrics = context_.metrics.bridge.rules.emplace_back(plan->subject);
    rules_.push_back({std::move(plan), &metrics, {}, {}});
  }
}

bridges::behavior_type bridges::make_behavior() {
  for (std::size_t i = 0; i < rules_.size(); ++i)
    start(i);
  return {
    [this](const tick& pause) { start(pause.timer); },
  };
}

void bridges::on_exit() {
  for (auto& each : rules_)
    if (each.actor)
      caf::anon_send_exit(each.actor, caf::exit_reason::user_shutdown);
  rules_.clear();
}

// On the loops, as rooms are: what wakes up the pool takes longer.
void bridges::start(std::size_t number) {
  auto& each = rules_[number];
  each.actor = spawn_placed<bridge>(
    system(), context_.routes.loop_of(audience_kind::topic, each.plan->subject), context_,
    each.plan, *each.metrics);
  monitor(each.actor);
  caf::anon_send(context_.routes.bus, bus_listen{each.plan->subject, each.plan->queue, each.actor});
}

void bridges::on_down(const caf::down_msg& down) {
  const auto failed = std::find_if(rules_.begin(), rules_.end(), [&](const rule& each) {
    return each.actor && each.actor.address() == down.source;
  });
  if (failed == rules_.end())
    return;
  const auto now = clock().now();
  failed->actor = nullptr;
  failed->failures.failed(now);
  failed->metrics->restarts.add();
  tick_after(failed->failures.until() - now, static_cast<std::uint64_t>(failed - rules_.begin()));
}

} // namespace troupe
