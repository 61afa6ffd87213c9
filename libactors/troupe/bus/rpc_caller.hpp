// Calls services over the bus for clients, and sends back the answers: a connection cannot wait.
// Runs on a loop or the pool.
//
// It bounds the calls: for each connection, in all, and per minute for one caller and rule. If the
// bus is away or the service is not running, the client is told at once.
#pragma once

#include "troupe/bus_messages.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/budget_table.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/runtime/resource_shares.hpp"
#include "troupe/server_context.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <string>
#include <variant>

namespace troupe {

class rpc_caller final : public placed_actor<rpc_caller_actor> {
public:
  rpc_caller(caf::actor_config& config, event_loop* loop, const server_context& context);

  const char* name() const override { return "rpc_caller"; }

protected:
  behavior_type make_behavior() override;

private:
  using shares = resource_shares<std::monostate>; // a call can't be given up

  void on_call(rpc_call& call);
  result<> check_limits(const rpc_call& call);
  gcra::duration take_budget(const rpc_call& call);
  void on_answer(connection_id connection, const request_id& id, const bus_answer& answer);
  void finish(shares::charge of);
  void refuse(connection_id connection, const request_id& id, const error& why);
  void answer(connection_id connection, server_event what);

  const server_context& context_;
  shares under_way_{"calls of services"};
  std::uint32_t under_way_in_all_ = 0;
  budget_table<keyed_map<std::string, gcra>> budgets_; // by rule and caller
};

} // namespace troupe
