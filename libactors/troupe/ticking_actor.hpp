// A placed actor with timers that end with it.
//
// A message that an actor sends to itself for later (CAF's `delayed_send`) holds the actor in
// memory until it arrives: a timer of an hour keeps a room that was retired for an hour. A time-out
// of the clock is taken back when its actor ends.
#pragma once

#include "troupe/local_messages.hpp"
#include "troupe/runtime/placed_actor.hpp"

#include <caf/atom.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/system_messages.hpp>

#include <utility>

namespace troupe {

/// `Handle` hears `tick`.
template <class Handle>
class ticking_actor : public placed_actor<Handle> {
public:
  using placed_actor<Handle>::placed_actor;
  using placed_actor<Handle>::enqueue;

  // The clock says that it is time, in the actor's own name; the actor hears a `tick`.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    const auto& said = element->content();
    if (element->sender.get() == this->ctrl() && said.template match_elements<caf::timeout_msg>()) {
      const auto& over = said.template get_as<caf::timeout_msg>(0);
      if (over.type == ticks)
        element =
          caf::make_mailbox_element(element->sender, element->mid, {}, tick{over.timeout_id});
    }
    placed_actor<Handle>::enqueue(std::move(element), unit);
  }

protected:
  /// Has this actor hear `tick{timer}` after `time`, unless it ends before.
  void tick_after(caf::actor_clock::duration_type time, std::uint64_t timer) {
    auto& clock = this->clock();
    clock.set_multi_timeout(clock.now() + time, this, ticks, timer);
  }

private:
  static constexpr caf::atom_value ticks = caf::atom("ticks");
};

} // namespace troupe
