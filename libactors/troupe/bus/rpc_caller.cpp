#include "troupe/bus/rpc_caller.hpp"

#include "troupe/bus/caller_headers.hpp"
#include "troupe/wire/rpc_frames.hpp"

#include <caf/send.hpp>

namespace troupe {

namespace {

// The bus answers within the time it was given; more than this later it does not any more.
constexpr std::chrono::milliseconds bus_grace{1'000};

} // namespace

rpc_caller::rpc_caller(caf::actor_config& config, event_loop* loop, const server_context& context)
  : placed_actor(config, loop),
    context_(context) {
  report_exceptions(context.observers.report, "rpc caller");
}

rpc_caller::behavior_type rpc_caller::make_behavior() {
  return {
    [this](rpc_call& call) {
      // One call that fails here must not end all the others.
      try {
        on_call(call);
      } catch (const std::exception& problem) {
        context_.observers.report(std::string("a call of a service failed: ") + problem.what());
        refuse(call.connection, call.id, error{errc::internal});
      }
    },
  };
}

void rpc_caller::on_call(rpc_call& call) {
  if (const auto may = check_limits(call); !may)
    return refuse(call.connection, call.id, may.error());
  const auto charged = under_way_.take({call.connection, call.on});
  ++under_way_in_all_;
  auto headers = caller_headers(call.from, call.who.get());
  headers.emplace_back("Content-Type", "application/json");
  bus_request asked{call.service + ".rpc." + call.method, std::move(call.params),
                    std::move(headers), call.rule->timeout};
  const auto patience = call.rule->timeout + bus_grace;
  request(context_.routes.bus, patience, std::move(asked))
    .then(
      [this, charged, to = call.connection, id = call.id](const bus_answer& answer) {
        finish(charged);
        on_answer(to, id, answer);
      },
      [this, charged, to = call.connection, id = call.id](const caf::error& why) {
        finish(charged);
        const bool slow = why == caf::sec::request_timeout;
        refuse(to, id, error{slow ? errc::timeout : errc::unavailable});
      });
}

result<> rpc_caller::check_limits(const rpc_call& call) {
  if (!context_.routes.bus)
    return fail(errc::unavailable, "No services are reachable from here");
  const auto& bounds = context_.live().bounds;
  if (const auto most = bounds.rpc_calls_per_connection_max;
      under_way_.held_by(call.connection) >= most)
    return fail(errc::limit_exceeded,
                "At most " + std::to_string(most) + " calls at once a connection");
  if (under_way_in_all_ >= bounds.rpc_calls_max)
    return fail(errc::unavailable, "Too many calls are under way, try again");
  const auto verdict =
    under_way_.ask({call.connection, call.on}, under_way_in_all_, bounds.rpc_calls_max, bounds);
  if (verdict.refused) {
    context_.metrics.shares_refused.add(shared_resource::rpc_calls);
    return fail(*verdict.refused);
  }
  if (const auto wait = take_budget(call); wait > gcra::duration::zero()) {
    error too_fast{errc::rate_limited};
    too_fast.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
    return fail(std::move(too_fast));
  }
  return {};
}

// Callers are told apart by their user, so that more connections are not more calls.
gcra::duration rpc_caller::take_budget(const rpc_call& call) {
  const auto& rule = *call.rule;
  if (rule.per_minute == 0)
    return gcra::duration::zero();
  const auto number = &rule - context_.live().rpc.all().data();
  std::string key = std::to_string(number);
  key += call.who ? ":user:" + call.who->user_id
                  : ":connection:" + std::to_string(call.connection.value);
  return budgets_.take(std::move(key), rate::per_minute(rule.per_minute, rule.per_minute),
                       clock().now());
}

void rpc_caller::on_answer(connection_id connection, const request_id& id,
                           const bus_answer& answered) {
  switch (answered.what) {
  case bus_answer::outcome::no_responders:
    return refuse(connection, id, error{errc::unavailable, "Nobody answers for this service now"});
  case bus_answer::outcome::timeout:
    return refuse(connection, id, error{errc::timeout});
  case bus_answer::outcome::answered:
    break;
  }
  // What one client asks for must leave room in its outbox for what it is sent meanwhile.
  const auto result =
    read_rpc_answer(answered.payload, context_.live().bounds.outbox_bytes_max / 2);
  if (!result)
    refuse(connection, id, result.error());
  else
    answer(connection, events::rpc_result{std::string(*result), id});
}

void rpc_caller::finish(shares::charge of) {
  --under_way_in_all_;
  under_way_.give_back(of);
}

void rpc_caller::refuse(connection_id connection, const request_id& id, const error& why) {
  context_.metrics.errors.add(why.code);
  answer(connection, events::refusal(why, id));
}

void rpc_caller::answer(connection_id connection, server_event what) {
  caf::anon_send(context_.routes.child_of(connection), unicast{connection, share(std::move(what))});
}

} // namespace troupe
