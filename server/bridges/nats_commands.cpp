#include "server/bridges/nats_commands.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe {

nats_commands::nats_commands() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0)
    throw std::system_error(errno, std::system_category(), "eventfd");
}

nats_commands::~nats_commands() {
  take();
  ::close(event_);
}

void nats_commands::push(nats_command command) {
  auto* fresh = new node{std::move(command)};
  fresh->next = pushed_.load(std::memory_order_relaxed);
  while (!pushed_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                        std::memory_order_relaxed)) {
  }
  wake();
}

void nats_commands::wake() noexcept {
  if (woken_.exchange(true))
    return;
  // It can only fail when the counter is full: then the thread is awake.
  static_cast<void>(::eventfd_write(event_, 1));
}

void nats_commands::wait(std::chrono::milliseconds time) {
  pollfd waited{event_, POLLIN, 0};
  ::poll(&waited, 1, static_cast<int>(time.count()));
  eventfd_t count = 0;
  static_cast<void>(::eventfd_read(event_, &count));
  woken_.exchange(false); // reads what a pusher wrote, and with it what it pushed
}

std::vector<nats_command> nats_commands::take() {
  std::vector<nats_command> commands;
  node* top = pushed_.exchange(nullptr, std::memory_order_acquire);
  while (top != nullptr) {
    const std::unique_ptr<node> owned(top);
    commands.push_back(std::move(owned->command));
    top = owned->next;
  }
  std::ranges::reverse(commands);
  return commands;
}

} // namespace troupe
