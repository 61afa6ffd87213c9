#include "troupe/runtime/event_loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace troupe {

event_loop::event_loop(caf::actor_system& system, timer_wheel::time_point start)
  : caf::execution_unit(&system),
    wheel_(start) {}

void event_loop::exec_later(caf::resumable* actor) {
  // Only actors of the pool come here: those of a loop override `enqueue`.
  system().scheduler().enqueue(actor);
}

void event_loop::wake(pinned& g) noexcept {
  pinned* top = woken_.load(std::memory_order_relaxed);
  do {
    g.next_ = top;
  } while (
    !woken_.compare_exchange_weak(top, &g, std::memory_order_release, std::memory_order_relaxed));
  if (!top)
    wake_up();
}

std::size_t event_loop::run_pinned() {
  pinned* stack = woken_.exchange(nullptr, std::memory_order_acquire);
  pinned* queue = nullptr;
  while (stack) { // first woken, first run
    pinned* next = stack->next_;
    stack->next_ = queue;
    queue = stack;
    stack = next;
  }
  std::size_t count = 0;
  for (; queue; ++count) {
    pinned& g = *queue;
    queue = g.next_;
    g.next_ = nullptr;
    g.run(*this);
  }
  return count;
}

} // namespace troupe
