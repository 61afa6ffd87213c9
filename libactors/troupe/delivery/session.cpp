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

void session::counts_as_users(admission among) {
  using both = std::pair<std::shared_ptr<void>, std::shared_ptr<void>>;
  if (admission_.held && among.held)
    among.held = std::make_shared<both>(std::move(admission_.held), std::move(among.held));
  if (among.held)
    admission_ = std::move(among);
}

} // namespace troupe
