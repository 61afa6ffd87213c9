#include "server/edge/refused_rate.hpp"

namespace troupe {

gcra::duration refused_rate::charge(const client_address& who, gcra::time_point now) {
  const auto most = board_.current().bounds.refused_requests_per_minute;
  if (most == 0 || !who.known())
    return gcra::duration::zero();
  const auto held = addresses_.enter(who.holder(), 0, now);
  return held->budget()->take(rate::per_minute(most, most), now);
}

} // namespace troupe
