// The audit log: refused attempts, and what admins did to users. Thread-safe.
//
// Its lines are lines of the log (level `info`) with `audit=true` as their first field, so that a
// collector can keep them apart.
#pragma once

#include "server/log/log.hpp"

#include <string_view>

namespace troupe {

/// `event` is what happened, such as `kick` or `refused authentication`. Fields never hold a secret
/// or any part of one.
void log_audit(std::string_view event, log_fields fields = {});

/// The same as the server tells it: what was done, by whom and to whom; empty ones are left out.
void log_audit(std::string_view event, std::string_view who, std::string_view whom);

} // namespace troupe
