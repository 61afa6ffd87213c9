// Messages that wait for NATS, in order and with a bound. Pure.
#pragma once

#include "server/settings/nats_config.hpp"
#include "troupe/bus_messages.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace troupe {

/// One message for NATS.
struct nats_outgoing {
  using time_point = std::chrono::steady_clock::time_point;

  std::string subject{};
  std::string payload{};
  std::string reply{}; ///< of a request: the inbox that its answer is to go to; or empty
  bus_headers headers{};
  time_point until{}; ///< of a request: of no use after this; or the epoch

  /// What it counts for: its bytes, and about as many as it has around them in memory.
  std::size_t cost() const;
};

using nats_batch = std::vector<nats_outgoing>;

class nats_outbox {
public:
  nats_outbox(std::size_t bytes_max, nats_when_full when_full)
    : bytes_max_(bytes_max),
      when_full_(when_full) {}

  /// Takes a message in; returns how many were dropped for it, itself included.
  std::size_t push(nats_outgoing message);

  /// Whether it could be kept when nothing else is.
  bool fits(const nats_outgoing& message) const { return message.cost() <= bytes_max_; }

  /// The oldest messages, as many as are worth one write: at least one when there is any.
  nats_batch take();
  nats_batch take_all();

  /// Puts back what was taken and not sent: it comes before all others.
  void put_back(nats_batch messages);

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }

  static constexpr std::size_t batch_bytes_max = 64 * 1024;
  static constexpr std::size_t batch_messages_max = 512;

private:
  std::size_t make_room(std::size_t needed);

  std::deque<nats_outgoing> waiting_;
  std::size_t bytes_ = 0;
  const std::size_t bytes_max_;
  const nats_when_full when_full_;
};

} // namespace troupe
