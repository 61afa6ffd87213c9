#include "troupe/delivery/session.hpp"

namespace troupe {

void session::adopt(identity_ptr who, wall_time wall, time_point now,
                    std::chrono::milliseconds grace) {
  // A token may claim to be good until a year that no clock reaches.
  constexpr std::chrono::hours far{24 * 365 * 10};
  expires_ = time_point::max();
  if (const auto ends = who->ends(); ends && *ends - wall < far)
    expires_ = now + (*ends - wall) + grace;
  who_ = std::move(who);
}

} // namespace troupe
