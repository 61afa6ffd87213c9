// The audit log: refused attempts, and what admins did to users. Thread-safe.
//
// Its lines are lines of the log (level `info`) with `audit=true` as their first field, so that a
// collector can keep them apart. They have a queue of their own: however much else is logged, none
// of them is lost. What anybody outside can cause is summed up.
#pragma once

#include "server/log/log.hpp"

#include <string_view>

namespace troupe {

/// `event` is what was done, such as `kick`; by whom and to whom: empty ones are left out. Never
/// holds a secret or any part of one.
void log_audit(std::string_view event, std::string_view who, std::string_view whom);

/// Somebody was refused: `refused authentication`, `refused api call`. Anybody can be, as often as
/// they like, so of each event ten lines are written in ten seconds, and then how many more there
/// were. Empty texts are left out.
void log_refused(std::string_view event, log_fields fields);

} // namespace troupe
