// A placed actor with timers that end with it.
//
// A message that an actor sends to itself for later (CAF's `delayed_send`) holds the actor in
// memory until it arrives: a timer of an hour keeps a room that was retired for an hour. These are
// taken back when their actor ends.
//
// On a loop they stand in its wheel. The clock of CAF is a thread that each new timer wakes:
// whoever makes many rooms and topics would have it take half a processor.
#pragma once

#include "troupe/local_messages.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/runtime/timer_wheel.hpp"

#include <caf/atom.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <forward_list>
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

  bool cleanup(caf::error&& why, caf::execution_unit* host) override {
    timers_.clear();
    return placed_actor<Handle>::cleanup(std::move(why), host);
  }

protected:
  /// Has this actor hear `tick{timer}` after `time`, unless it ends before. It alone may call this.
  void tick_after(caf::actor_clock::duration_type time, std::uint64_t timer) {
    if (auto* const loop = this->loop()) {
      auto& free = free_timer();
      free.number = timer;
      loop->arm(free, loop->now() + time);
    } else {
      auto& clock = this->clock();
      clock.set_multi_timeout(clock.now() + time, this, ticks, timer);
    }
  }

private:
  struct loop_timer final : timer_wheel::deadline {
    explicit loop_timer(ticking_actor& of) : owner(of) {}

    void on_deadline(timer_wheel::time_point) override {
      owner.enqueue(nullptr, caf::make_message_id(), caf::make_message(tick{number}), owner.loop());
    }

    ticking_actor& owner;
    std::uint64_t number = 0;
  };

  loop_timer& free_timer() {
    const auto over = std::find_if(timers_.begin(), timers_.end(),
                                   [](const loop_timer& each) { return !each.armed(); });
    return over != timers_.end() ? *over : timers_.emplace_front(*this);
  }

  std::forward_list<loop_timer> timers_;

  static constexpr caf::atom_value ticks = caf::atom("ticks");
};

} // namespace troupe
