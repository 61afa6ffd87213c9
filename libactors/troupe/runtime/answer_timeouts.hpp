// How long who asks waits for an answer. Answers come within microseconds, or never: because
// whom it asks has failed. Pure.
#pragma once

#include <chrono>

namespace troupe {

/// A page of metrics, for the outlets' figures. A scraper waits for 10 seconds.
inline constexpr std::chrono::seconds metrics_timeout{2};

/// A connection, for a room or topic; the users, for the directory, a room or the outlets. None of
/// these asks others.
inline constexpr std::chrono::seconds answer_timeout{5};

/// A call of the API or from the bus, for the directory or the users.
inline constexpr std::chrono::seconds call_timeout{10};

// Who asks waits no shorter than whom it asks, else it is never told what went wrong.
static_assert(call_timeout >= 2 * answer_timeout,
              "for a list of rooms the users ask the directory, then the outlets");

} // namespace troupe
