// The smallest actor that CAF's handles, links and monitors accept, for connections: there may be a
// million.
//
// It takes about 220 bytes where an event-based actor takes 1,360: an address, a mailbox, and one
// function that looks at each message. It has no behaviours and makes no requests. Runs on one
// event loop, and so does `on_exit`; its destructor may run elsewhere.
#pragma once

#include "troupe/runtime/event_loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>

#include <atomic>

namespace troupe {

class light_actor : public caf::monitorable_actor, public event_loop::pinned {
public:
  light_actor(caf::actor_config& config, event_loop& loop);
  ~light_actor() override;

  using caf::abstract_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;
  void enqueue(caf::strong_actor_ptr sender, caf::message_id id, caf::message content,
               caf::execution_unit* unit) override;

  event_loop& loop() const { return loop_; }

protected:
  /// One message. Those that the actor does not know are dropped.
  virtual void handle(caf::type_erased_tuple& content) = 0;

  /// The actor ends: monitors are told after this. Loop thread, once.
  virtual void on_exit() = 0;

  /// Ends the actor. Loop thread; the caller holds a reference.
  void quit(caf::error reason = {});
  bool ended() const { return ended_; }

private:
  static caf::mailbox_element* closed_mailbox();

  void run(event_loop& loop) override;
  void receive(caf::mailbox_element_ptr element);
  void bounce_all(caf::mailbox_element* newest);

  event_loop& loop_;
  std::atomic<caf::mailbox_element*> mailbox_{nullptr}; // newest first
  bool ended_ = false;
};

inline void intrusive_ptr_add_ref(light_actor* actor) {
  caf::intrusive_ptr_add_ref(actor->ctrl());
}

inline void intrusive_ptr_release(light_actor* actor) {
  caf::intrusive_ptr_release(actor->ctrl());
}

/// Spawns an actor whose constructor takes the loop after the configuration. The caller holds it.
template <class T, class... Ts>
caf::intrusive_ptr<T> spawn_light(caf::actor_system& system, event_loop& loop, Ts&&... args) {
  caf::actor_config config{&loop};
  auto actor = caf::make_actor<T, caf::strong_actor_ptr>(
    system.next_actor_id(), system.node(), &system, config, loop, std::forward<Ts>(args)...);
  return caf::intrusive_ptr<T>{static_cast<T*>(actor->get())}; // the handle gives up its reference
}

} // namespace troupe
