#include "troupe/bus/bridge.hpp"

#include <caf/send.hpp>

namespace troupe {

namespace {

constexpr std::chrono::minutes between_warnings{1};

} // namespace

bridge_plan_ptr plan_of(bridge_rule rule, const limits& bounds) {
  bridge_plan plan{rule.subject, rule.queue, {}};
  // As long as a call of the server-side API may be.
  plan.shape = [rule = std::move(rule), bytes_max = bounds.http_body_bytes_max](
                 std::string_view subject, std::string_view payload) {
    return troupe::shape(rule, subject, payload, bytes_max);
  };
  return std::make_shared<const bridge_plan>(std::move(plan));
}

bridge::bridge(caf::actor_config& config, event_loop* loop, const server_context& context,
               bridge_plan_ptr plan, bridge_rule_metrics& metrics)
  : placed_actor(config, loop),
    context_(context),
    plan_(std::move(plan)),
    metrics_(metrics) {
  report_exceptions(context.observers.report, "bridge rule " + plan_->subject);
}

bridge::behavior_type bridge::make_behavior() {
  return {
    [this](bus_message& event) { on_message(event); },
    [](const bus_state&) {},
  };
}

void bridge::on_message(bus_message& event) {
  metrics_.received.add();
  auto made = event.msg_id.size() > context_.live().bounds.id_bytes_max
                ? shaped(fail(bridge_error::msg_id))
                : plan_->shape(event.subject, event.payload);
  if (!made) {
    metrics_.skipped.add(made.error());
    return warn(made.error());
  }
  metrics_.forwarded.add();
  made->credit = std::move(event.credit);
  made->msg_id = std::move(event.msg_id);
  const bool by_token = made->to == bridge_target::user || made->to == bridge_target::role;
  if (by_token)
    caf::anon_send(context_.routes.users, *std::move(made));
  else
    caf::anon_send(context_.routes.directory, *std::move(made));
}

// A service that gets it wrong does so all day long. Nothing of the event is told: it may hold
// anything.
void bridge::warn(bridge_error error) {
  const auto now = clock().now();
  if (now < silent_until_) {
    ++not_told_;
    return;
  }
  silent_until_ = now + between_warnings;
  std::string line = "bridge rule " + plan_->subject + " skipped an event: ";
  line += explain(error);
  if (not_told_ > 0)
    line += "; " + std::to_string(not_told_) + " others were skipped since the last such line";
  not_told_ = 0;
  context_.observers.warn(line);
}

} // namespace troupe
