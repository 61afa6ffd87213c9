#include "server/edge/heap_trim.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <algorithm>

#include <malloc.h>

namespace troupe {

namespace {

constexpr std::chrono::seconds interval{5};

} // namespace

bool heap_trim_rule::wants_trim(std::uint64_t connections, std::uint64_t accepted) {
  most_ = std::max(most_, connections);
  const bool most_have_left = most_ >= connections_min && connections < most_ / 2;
  const bool many_came_and_went =
    accepted - accepted_ >= sockets_min && connections < connections_min;
  if (!most_have_left && !many_came_and_went)
    return false;
  most_ = connections;
  accepted_ = accepted;
  return true;
}

void give_memory_back(caf::actor_system& system) {
  // By argument: without one CAF binds a reference to nothing, which ends the sanitizer build.
  system.spawn([](caf::event_based_actor*, std::size_t kept) { ::malloc_trim(kept); },
               std::size_t{0});
}

void heap_trim::start() {
  loop_.arm(*this, loop_.now() + interval);
}

void heap_trim::on_deadline(timer_wheel::time_point now) {
  std::uint64_t accepted = 0;
  for (const auto& each : context_.metrics.loops())
    accepted += each.sockets_accepted.value();
  if (rule_.wants_trim(context_.metrics.connections.load(std::memory_order_relaxed), accepted))
    give_memory_back(loop_.system());
  loop_.arm(*this, now + interval);
}

} // namespace troupe
