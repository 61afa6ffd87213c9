#include "server/bridges/nats_subscription.hpp"

#include "server/bridges/nats_pointers.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace troupe {

nats_subscription::nats_subscription(std::string subject, std::string queue,
                                     std::uint32_t in_flight_max, bus_metrics& counts, sink deliver)
  : subject_(std::move(subject)),
    queue_(std::move(queue)),
    in_flight_max_(in_flight_max),
    counts_(counts),
    deliver_(std::move(deliver)) {}

void nats_subscription::on_message(natsConnection*, natsSubscription*, natsMsg* message,
                                   void* closure) {
  static_cast<nats_subscription*>(closure)->take(message);
}

// Permits come back without a word: that costs nobody in the server anything. At a million events a
// second this many are worn out in eight milliseconds, so a look every fifth of one is often
// enough.
void nats_subscription::wait_for_the_server() const {
  while (credits_out_->count() >= in_flight_max_ && !ended_.load(std::memory_order_relaxed))
    std::this_thread::sleep_for(std::chrono::microseconds(200));
}

void nats_subscription::take(natsMsg* message) {
  const owned_message owned(message);
  counts_.taken.add();
  wait_for_the_server();
  if (ended_.load(std::memory_order_relaxed))
    return counts_.dropped.add(bus_drop_reason::closed);
  const char* reply = natsMsg_GetReply(message);
  const auto size = static_cast<std::size_t>(std::max(natsMsg_GetDataLength(message), 0));
  bus_message out{natsMsg_GetSubject(message),
                  size > 0 ? std::string(natsMsg_GetData(message), size) : std::string(),
                  reply != nullptr ? reply : "",
                  credit(credits_out_, std::chrono::steady_clock::now())};
  const char* correlation = nullptr;
  if (reply != nullptr && natsMsgHeader_Get(message, "X-Correlation-ID", &correlation) == NATS_OK)
    out.correlation = correlation;
  const char* msg_id = nullptr;
  if (natsMsgHeader_Get(message, "Nats-Msg-Id", &msg_id) == NATS_OK)
    out.msg_id = msg_id;
  counts_.received.add();
  deliver_(std::move(out), natsMsg_IsNoResponders(message));
}

bool valid_to_listen(std::string_view subject) {
  constexpr std::size_t bytes_max = 256;
  return !subject.empty() && subject.size() <= bytes_max &&
         std::ranges::all_of(subject, [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace troupe
