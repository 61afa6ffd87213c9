#include "server/config/bursts.hpp"

#include <string>

namespace troupe {

namespace {

// A rate of [limits] and its burst. Every such pair is here.
struct rate_keys {
  const char* per_minute;
  const char* burst;
  std::uint32_t limits::*allowed;
  std::uint32_t limits::*at_once;
};

constexpr rate_keys pairs[] = {
  {"limits.messages_per_minute", "limits.messages_burst", &limits::messages_per_minute,
   &limits::messages_burst},
  {"limits.user_messages_per_minute", "limits.user_messages_burst",
   &limits::user_messages_per_minute, &limits::user_messages_burst},
  {"limits.signals_per_minute", "limits.signals_burst", &limits::signals_per_minute,
   &limits::signals_burst},
};

} // namespace

std::vector<config_error> burst_errors(const config& settings, const value_origins& origins) {
  std::vector<config_error> out;
  for (const auto& each : pairs) {
    const auto allowed = settings.limits.*each.allowed;
    const auto at_once = settings.limits.*each.at_once;
    if (allowed > 0 && at_once > allowed)
      out.push_back(origins.about(each.burst, "expected at most " + std::to_string(allowed) +
                                                ", a minute's worth (" + each.per_minute +
                                                "), got " + std::to_string(at_once)));
  }
  return out;
}

} // namespace troupe
