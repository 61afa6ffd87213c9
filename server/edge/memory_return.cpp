#include "server/edge/memory_return.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <algorithm>

#include <malloc.h>

namespace troupe {

namespace {

constexpr std::chrono::seconds interval{5};

} // namespace

bool crowd_watch::has_left(std::uint64_t connections, std::uint64_t accepted) {
  most_ = std::max(most_, connections);
  const bool crowd_left = most_ >= crowd && connections < most_ / 2;
  const bool stampede_over = accepted - accepted_ >= stampede && connections < crowd;
  if (!crowd_left && !stampede_over)
    return false;
  most_ = connections;
  accepted_ = accepted;
  return true;
}

void memory_return::start() {
  loop_.arm(*this, loop_.now() + interval);
}

void memory_return::on_deadline(timer_wheel::time_point now) {
  std::uint64_t accepted = 0;
  for (const auto& each : here_.metrics.loops())
    accepted += each.sockets_accepted.value();
  if (watch_.has_left(here_.connections.load(std::memory_order_relaxed), accepted))
    loop_.system().spawn([](caf::event_based_actor*) { ::malloc_trim(0); });
  loop_.arm(*this, now + interval);
}

} // namespace troupe
