// Points in time as the protocol writes them: ISO 8601, UTC, milliseconds and `Z`. Pure.
#pragma once

#include <chrono>
#include <string>

namespace troupe {

using wall_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// Now, by the machine's clock.
wall_time wall_now();

/// Appends `2026-01-31T23:59:59.999Z`.
void append_timestamp(std::string& out, wall_time time);

} // namespace troupe
