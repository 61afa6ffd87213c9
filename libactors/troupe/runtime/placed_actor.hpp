// A full CAF actor that runs either on the pool or on one event loop, as decided when it is
// spawned.
//
// On a loop, only that loop's thread drains its mailbox: no worker wakes up for a message from the
// same thread. Requests, monitors, delayed messages and exits work as in any actor. `on_exit` runs
// where the actor runs; its destructor may run anywhere.
#pragma once

#include "troupe/runtime/event_loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <functional>
#include <string>

namespace troupe {

/// `Handle` is the actor's typed interface (actors.hpp).
template <class Handle>
class placed_actor : public Handle::base, public event_loop::pinned {
public:
  using base = typename Handle::base;

  /// `loop` is where it runs, or null for the pool.
  placed_actor(caf::actor_config& config, event_loop* loop) : base(config), loop_(loop) {}

  using base::enqueue;

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    if (!loop_)
      return base::enqueue(std::move(element), unit);
    const auto id = element->mid;
    const auto from = element->sender;
    switch (this->mailbox().push_back(std::move(element))) {
    case caf::intrusive::inbox_result::unblocked_reader:
      caf::intrusive_ptr_add_ref(this->ctrl());
      loop_->wake(*this);
      break;
    case caf::intrusive::inbox_result::success:
      break;
    case caf::intrusive::inbox_result::queue_closed:
      if (id.is_request())
        caf::detail::sync_request_bouncer{caf::sec::request_receiver_down}(from, id);
    }
  }

  void enqueue(caf::strong_actor_ptr from, caf::message_id id, caf::message content,
               caf::execution_unit* unit) override {
    enqueue(caf::make_mailbox_element(std::move(from), id, {}, std::move(content)), unit);
  }

  void launch(caf::execution_unit* unit, bool lazy, bool hide) override {
    if (!loop_)
      return base::launch(unit, lazy, hide);
    if (!hide)
      this->register_at_system();
    if (lazy && this->mailbox().try_block())
      return;
    caf::intrusive_ptr_add_ref(this->ctrl());
    loop_->wake(*this);
  }

  caf::resumable::subtype_t subtype() const override {
    return loop_ ? caf::resumable::io_actor : base::subtype();
  }

protected:
  event_loop* loop() const { return loop_; }

  /// An exception ends the actor that let it happen; `report` is told first. Whoever asked for what
  /// failed is answered with an error, who monitors the actor is told `reason()`, nobody else
  /// notices.
  void report_exceptions(
    std::function<void(std::string_view)> report, std::string what,
    std::function<caf::error()> reason = [] { return caf::error{caf::sec::runtime_error}; }) {
    this->set_exception_handler(
      [report = std::move(report), what = std::move(what),
       reason = std::move(reason)](caf::scheduled_actor* self, std::exception_ptr& problem) {
        if (const auto* handled = self->current_mailbox_element();
            handled && handled->sender && handled->mid.is_request())
          handled->sender->enqueue(nullptr, handled->mid.response_id(),
                                   caf::make_message(caf::make_error(caf::sec::runtime_error)),
                                   self->context());
        try {
          std::rethrow_exception(problem);
        } catch (const std::exception& e) {
          report(what + " failed: " + e.what());
        } catch (...) {
          report(what + " failed");
        }
        return reason();
      });
  }

private:
  // More than this at once would let one flooded actor hold up the sockets of its loop.
  static constexpr std::size_t messages_per_run = 256;

  void run(event_loop& loop) override {
    if (this->resume(&loop, messages_per_run) == caf::resumable::resume_later)
      loop.wake(*this);
    else
      caf::intrusive_ptr_release(this->ctrl());
  }

  event_loop* const loop_;
};

/// Spawns a placed actor; its constructor takes the loop (or null) after the configuration.
template <class T, class... Ts>
auto spawn_placed(caf::actor_system& system, event_loop* loop, Ts&&... args) {
  caf::actor_config config{loop};
  return system.spawn_impl<T, caf::no_spawn_options>(config, loop, std::forward<Ts>(args)...);
}

} // namespace troupe
