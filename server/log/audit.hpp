// The audit log: refused attempts, and what admins did to users. Thread-safe.
//
// Its lines are lines of the log (level `info`) with `audit=true` as their first field, so that a
// collector can keep them apart. They have a queue of their own: however much else is logged, none
// of them is lost. What anybody outside can cause is summed up.
#pragma once

#include "server/log/log.hpp"
#include "troupe/server_observers.hpp"

#include <string_view>

namespace troupe {

/// What an admin has done; what it does not say is left out. Never holds a secret or any part of
/// one.
void log_audit(const audited& what);

/// Somebody was refused: `refused authentication`, `refused api call`. Anybody can be, as often as
/// they like, so of each event ten lines are written in ten seconds, and then how many more there
/// were. Empty texts are left out.
void log_refused(std::string_view event, log_fields fields);

} // namespace troupe
