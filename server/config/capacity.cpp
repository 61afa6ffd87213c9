#include "server/config/capacity.hpp"

#include "server/settings/thread_counts.hpp"
#include "troupe/wire/ids.hpp"

namespace troupe {

std::vector<config_error> capacity_errors(const config& settings, const value_origins& origins) {
  const auto loops = counts_for(settings.server).loops;
  const auto places = std::uint64_t{loops} * connection_id::slots_max;
  if (settings.limits.connections_max <= places)
    return {};
  return {origins.about("limits.connections_max",
                        "expected at most " + std::to_string(places) + " on " +
                          std::to_string(loops) + (loops == 1 ? " loop" : " loops") +
                          " (server.loops), got " +
                          std::to_string(settings.limits.connections_max))};
}

} // namespace troupe
