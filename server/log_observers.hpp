// What the library tells of itself, as lines of the log: the library does not know the log.
#pragma once

#include "troupe/server_observers.hpp"

namespace troupe {

/// Failures, warnings, what admins do and who was refused. Before the first connection.
void tell_the_log(server_observers& observers);

} // namespace troupe
