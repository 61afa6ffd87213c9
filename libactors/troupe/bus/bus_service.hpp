// The server as a service on the bus: back-end services call it to reach users. Runs on a loop or
// the pool.
//
// Like a call of the HTTP API, it waits for the directory and the users, and carries out further
// requests meanwhile. If several servers share a bus and a name, each carries out every call for
// its own clients, and the caller takes the first answer.
#pragma once

#include "troupe/bus/service_calls.hpp"
#include "troupe/bus/service_discovery.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/server_context.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace troupe {

class bus_service final : public placed_actor<bus_listener_actor> {
public:
  /// Listens through `bus`, which must be there, from the beginning.
  bus_service(caf::actor_config& config, event_loop* loop, const server_context& context,
              bus_actor bus, service::self who);

  const char* name() const override { return "bus_service"; }

protected:
  behavior_type make_behavior() override;

private:
  // A call that is being carried out. It holds the message's credit until it is answered.
  struct work;
  using work_ptr = std::shared_ptr<work>;

  void listen();
  void on_message(bus_message& message);
  void on_call(std::string_view method, bus_message& message);
  void warn_of_reply(const bus_message& message);
  void carry_out(service::command& what, const work_ptr& of);
  void succeed(const work_ptr& of, std::string_view result);
  void fail(const work_ptr& of, const error& why);
  void answer(const std::string& to, std::string text);

  const server_context& context_;
  const bus_actor bus_;
  const service::self who_;
  const std::string calls_prefix_;
  const std::string casts_prefix_;
  const std::string describe_;
  wall_time started_{};
  service::figures figures_;
  caf::actor_clock::time_point silent_until_{};
};

} // namespace troupe
