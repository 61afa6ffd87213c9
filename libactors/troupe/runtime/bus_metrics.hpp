// The counters of the link to a message bus. Thread-safe.
#pragma once

#include "troupe/runtime/metrics.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace troupe {

/// Why a message did not pass between the bus and the server.
enum class bus_drop_reason : std::uint8_t {
  slow,   ///< from the bus: more waited for the server than may
  closed, ///< from the bus: it waited for the server when the connection, or who listened, ended
  buffer_full,     ///< to the bus: it was away, or slow, and no more is kept
  unconfirmed,     ///< to the bus: the connection broke before it confirmed; it may have got it
  too_large,       ///< to the bus: it takes no payload of that size
  invalid_subject, ///< to the bus: not a subject that may be published to
  expired,         ///< to the bus: a request that had waited until its time was over
  refused,         ///< to the bus: it cannot take such a message, say one with headers
  stopped          ///< to the bus: it was still waiting when the server ended
};
inline constexpr std::array<std::string_view, 9> bus_drop_reason_names{
  "slow",    "closed",  "buffer_full", "unconfirmed", "too_large", "invalid_subject",
  "expired", "refused", "stopped"};

/// What the bus did not let this server do.
enum class bus_refusal : std::uint8_t {
  publish,  ///< it counts as published all the same: the bus has got it
  subscribe ///< so that nothing comes from there
};
inline constexpr std::array<std::string_view, 2> bus_refusal_names{"publish", "subscribe"};

struct bus_metrics {
  std::atomic<bool> configured{false}; ///< there is to be a bus
  std::atomic<bool> required{false};   ///< without it the server is not ready
  std::atomic<bool> connected{false};

  shared_counter taken;     ///< out of the queues between the bus and the server; not shown
  shared_counter received;  ///< handed to those who listen
  shared_counter published; ///< taken by the bus, as it confirmed; requests too
  shared_counter requests;
  shared_counter reconnects;
  counters<bus_drop_reason, bus_drop_reason_names.size(), shared_counter> dropped;

  counters<bus_refusal, bus_refusal_names.size(), shared_counter> refused;

  /// From the bus, and not yet through the server, as the last look found it.
  std::atomic<std::uint64_t> waiting{0};
  /// Kept for the bus.
  std::atomic<std::uint64_t> outbox_bytes{0};

  bool away() const { return configured.load() && !connected.load(); }
};

} // namespace troupe
