// The counters of the bridges: every event that came in is in one of them. Thread-safe, as
// metrics.hpp says.
#pragma once

#include "troupe/runtime/metrics.hpp"
#include "troupe/wire/bridge_error.hpp"

#include <deque>
#include <string>

namespace troupe {

/// Of one rule: its actor writes, and after it the one that takes its place.
struct bridge_rule_metrics {
  std::string subject;
  counter received;
  counter forwarded;
  counters<bridge_error, bridge_error_names.size()> skipped;
  counter restarts;

  explicit bridge_rule_metrics(std::string of) : subject(std::move(of)) {}
};

struct bridge_metrics {
  /// In the order of the rules. Filled before the first connection, and not after.
  std::deque<bridge_rule_metrics> rules;

  /// Forwarded events for a topic, room, user or role where nobody was.
  shared_counter unheard;

  /// Forwarded events that were not said again: their `Nats-Msg-Id` was known.
  shared_counter repeated;

  /// What was published outward, and what was not because its subject was not valid.
  shared_counter published;
  shared_counter not_published;
};

} // namespace troupe
