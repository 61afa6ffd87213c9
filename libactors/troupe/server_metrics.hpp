// What `/metrics` shows of one server: counters that everybody writes. Thread-safe, as
// runtime/metrics.hpp says.
#pragma once

#include "troupe/runtime/bridge_metrics.hpp"
#include "troupe/runtime/bus_metrics.hpp"
#include "troupe/runtime/metrics.hpp"

#include <atomic>
#include <cstdint>

namespace troupe {

struct server_metrics : core_metrics {
  bus_metrics bus;
  bridge_metrics bridge;

  /// Bytes of all histories, with what rooms and topics leave behind besides, for
  /// `limits::history_bytes_max`. They are there until the last who needs them has let go.
  std::atomic<std::uint64_t> history_bytes{0};

  /// Changes in who is there that were told those who follow them, each counted once.
  shared_counter presence_diffs;

  /// Connections alive, for `limits::connections_max`.
  std::atomic<std::uint32_t> connections{0};
};

} // namespace troupe
