// One subscription's way from nats.c into the server: turns each of nats.c's messages into one
// message to one actor. Its callback runs on the thread that nats.c has for the subscription.
//
// Flow: a limited number of its events is on the way in the server at once. Above that the thread
// waits, and further events wait in nats.c's queue, which has bounds: beyond them nats.c drops and
// counts. A flooded subscription does not delay the others.
#pragma once

#include "troupe/bus_messages.hpp"
#include "troupe/runtime/bus_metrics.hpp"
#include "troupe/runtime/credit.hpp"

#include <nats/nats.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

class nats_subscription {
public:
  /// Takes what has come, on nats.c's thread. `no_responders`: NATS itself says that nobody listens
  /// where a request went.
  using sink = std::function<void(bus_message message, bool no_responders)>;

  nats_subscription(std::string subject, std::string queue, std::uint32_t in_flight_max,
                    bus_metrics& counts, sink deliver);

  const std::string& subject() const { return subject_; }
  const std::string& queue() const { return queue_; }
  std::uint32_t credits_out() const { return credits_out_->count(); }

  /// Nobody listens any more: whatever comes is thrown away. Any thread.
  void end() { ended_.store(true, std::memory_order_relaxed); }

  /// The callback for nats.c; `closure` is a `nats_subscription`.
  static void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* closure);

private:
  void take(natsMsg* message);
  void wait_for_the_server() const;

  const std::string subject_;
  const std::string queue_;
  const std::uint32_t in_flight_max_;
  bus_metrics& counts_;
  const sink deliver_;
  const credits_out_ptr credits_out_ = caf::make_counted<troupe::credits_out>();
  std::atomic<bool> ended_{false};
};

using nats_subscription_ptr = std::shared_ptr<nats_subscription>;

/// True for what may be listened to: printable ASCII without spaces, at most 256 bytes. NATS's
/// protocol separates by spaces and line ends, and nats.c does not look.
bool valid_to_listen(std::string_view subject);

} // namespace troupe
