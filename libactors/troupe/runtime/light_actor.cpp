#include "troupe/runtime/light_actor.hpp"

#include <caf/system_messages.hpp>

namespace troupe {

light_actor::light_actor(caf::actor_config& config, event_loop& loop)
  : caf::monitorable_actor(config),
    loop_(loop) {}

light_actor::~light_actor() {
  bounce_all(mailbox_.exchange(closed_mailbox()));
}

caf::mailbox_element* light_actor::closed_mailbox() {
  static char mark;
  return reinterpret_cast<caf::mailbox_element*>(&mark);
}

void light_actor::enqueue(caf::strong_actor_ptr sender, caf::message_id id, caf::message content,
                          caf::execution_unit* unit) {
  enqueue(caf::make_mailbox_element(std::move(sender), id, {}, std::move(content)), unit);
}

void light_actor::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  caf::mailbox_element* const added = element.release();
  caf::mailbox_element* top = mailbox_.load(std::memory_order_acquire);
  do {
    if (top == closed_mailbox()) {
      added->next = nullptr;
      caf::mailbox_element_ptr back{added};
      bounce(back);
      return;
    }
    added->next = top;
  } while (!mailbox_.compare_exchange_weak(top, added, std::memory_order_acq_rel,
                                           std::memory_order_acquire));
  if (!top) {
    caf::intrusive_ptr_add_ref(ctrl());
    loop_.wake(*this);
  }
}

void light_actor::run(event_loop&) {
  // Only this thread closes the mailbox, so what is open here stays open until we say otherwise.
  if (mailbox_.load(std::memory_order_acquire) != closed_mailbox()) {
    caf::mailbox_element* newest = mailbox_.exchange(nullptr, std::memory_order_acq_rel);
    caf::mailbox_element* oldest = nullptr;
    while (newest) {
      auto* next = static_cast<caf::mailbox_element*>(newest->next);
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest) {
      auto* next = static_cast<caf::mailbox_element*>(oldest->next);
      oldest->next = nullptr;
      receive(caf::mailbox_element_ptr{oldest});
      oldest = next;
    }
  }
  caf::intrusive_ptr_release(ctrl());
}

void light_actor::receive(caf::mailbox_element_ptr element) {
  if (ended_) {
    bounce(element);
    return;
  }
  auto& content = element->content();
  if (content.match_elements<caf::exit_msg>())
    quit(content.get_as<caf::exit_msg>(0).reason);
  else
    handle(content);
}

void light_actor::quit(caf::error reason) {
  if (ended_)
    return;
  ended_ = true;
  bounce_all(mailbox_.exchange(closed_mailbox(), std::memory_order_acq_rel));
  on_exit();
  cleanup(std::move(reason), &loop_);
}

void light_actor::bounce_all(caf::mailbox_element* newest) {
  if (newest == closed_mailbox())
    return;
  while (newest) {
    auto* next = static_cast<caf::mailbox_element*>(newest->next);
    newest->next = nullptr;
    caf::mailbox_element_ptr element{newest};
    bounce(element);
    newest = next;
  }
}

} // namespace troupe
