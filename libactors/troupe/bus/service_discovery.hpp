// How the server describes itself to clients that look for services on the bus: NATS micro-service
// discovery (`$SRV.…`, ADR-32 of NATS), and the `describe` of the framework whose services these
// are. Pure.
#pragma once

#include "troupe/bus/service_calls.hpp"
#include "troupe/wire/timestamp.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::service {

/// What has become of the calls of one method.
struct method_figures {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::string last_error;
  std::chrono::nanoseconds busy{0};
};
using figures = std::array<method_figures, methods.size()>;

/// Where discovery asks: `$SRV.PING`, `$SRV.PING.{name}`, `$SRV.PING.{name}.{id}`, and the same for
/// INFO and STATS.
std::vector<std::string> discovery_subjects(const self& who);

/// The answer to one of these subjects; empty for any other.
std::string discovery_answer(std::string_view subject, const self& who, wall_time started,
                             const figures& so_far);

/// The answer to `{name}.describe`, by which the framework's generated clients see that they fit.
/// The methods whose arguments and results its types can express are in it.
std::string description(const self& who);

} // namespace troupe::service
