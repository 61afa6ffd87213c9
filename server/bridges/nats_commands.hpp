// The queue of commands for the NATS thread: any thread pushes, without a lock, and that thread
// takes them in order. Thread-safe.
#pragma once

#include "server/bridges/nats_outbox.hpp"
#include "server/bridges/nats_subscription.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace troupe {

struct nats_command {
  enum class kind : std::uint8_t {
    listen,   ///< subscribe
    unlisten, ///< and no more
    publish,  ///< a batch; it is answered with `nats_batch_done`
    finish    ///< publish a last batch, then end
  } what = kind::publish;
  nats_subscription_ptr subscription{};
  nats_batch batch{};
};

class nats_commands {
public:
  nats_commands();
  ~nats_commands();
  nats_commands(const nats_commands&) = delete;
  nats_commands& operator=(const nats_commands&) = delete;

  void push(nats_command command);
  /// `wait` returns soon.
  void wake() noexcept;

  /// Until there are commands, or somebody wakes, or `time` is over. One thread.
  void wait(std::chrono::milliseconds time);
  std::vector<nats_command> take();

private:
  struct node {
    nats_command command;
    node* next = nullptr;
  };

  std::atomic<node*> pushed_{nullptr}; // a stack; the thread takes it whole
  std::atomic<bool> woken_{false};
  const int event_; // an eventfd
};

} // namespace troupe
