// What the thread that talks to NATS is told to do: pushed by any thread without a lock, taken in
// order by that one. Thread-safe.
#pragma once

#include "server/bridges/nats_outbox.hpp"
#include "server/bridges/nats_subscription.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace troupe {

struct nats_order {
  enum class kind : std::uint8_t {
    listen,   ///< subscribe
    unlisten, ///< and no more
    publish,  ///< a batch; it is answered with `nats_batch_done`
    finish    ///< publish a last batch, then end
  } what = kind::publish;
  nats_subscription_ptr subscription{};
  nats_batch batch{};
};

class nats_orders {
public:
  nats_orders();
  ~nats_orders();
  nats_orders(const nats_orders&) = delete;
  nats_orders& operator=(const nats_orders&) = delete;

  void push(nats_order order);
  /// `wait` returns soon.
  void wake() noexcept;

  /// Until there are orders, or somebody wakes, or `time` is over. One thread.
  void wait(std::chrono::milliseconds time);
  std::vector<nats_order> take();

private:
  struct node {
    nats_order order;
    node* next = nullptr;
  };

  std::atomic<node*> pushed_{nullptr}; // a stack; the thread takes it whole
  std::atomic<bool> woken_{false};
  const int event_; // an eventfd
};

} // namespace troupe
