#include "server/bridges/nats_orders.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe {

nats_orders::nats_orders() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0)
    throw std::system_error(errno, std::system_category(), "eventfd");
}

nats_orders::~nats_orders() {
  take();
  ::close(event_);
}

void nats_orders::push(nats_order order) {
  auto* fresh = new node{std::move(order)};
  fresh->next = pushed_.load(std::memory_order_relaxed);
  while (!pushed_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                        std::memory_order_relaxed)) {
  }
  wake();
}

void nats_orders::wake() noexcept {
  if (woken_.exchange(true))
    return;
  // It can only fail when the counter is full: then the thread is awake.
  static_cast<void>(::eventfd_write(event_, 1));
}

void nats_orders::wait(std::chrono::milliseconds time) {
  pollfd waited{event_, POLLIN, 0};
  ::poll(&waited, 1, static_cast<int>(time.count()));
  eventfd_t count = 0;
  static_cast<void>(::eventfd_read(event_, &count));
  woken_.exchange(false); // reads what a pusher wrote, and with it what it pushed
}

std::vector<nats_order> nats_orders::take() {
  std::vector<nats_order> orders;
  node* top = pushed_.exchange(nullptr, std::memory_order_acquire);
  while (top != nullptr) {
    const std::unique_ptr<node> owned(top);
    orders.push_back(std::move(owned->order));
    top = owned->next;
  }
  std::ranges::reverse(orders);
  return orders;
}

} // namespace troupe
