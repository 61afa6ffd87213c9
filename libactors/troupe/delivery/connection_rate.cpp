// How often a client may say something: its own budget, and the one its user's connections share.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

bool connection::affords(const client_frame& frame) {
  // A pong answers a ping of ours: nobody can help sending it.
  if (std::holds_alternative<client::pong>(frame.body) || spend(&frame.id))
    return true;
  if (std::holds_alternative<client::message>(frame.body) ||
      std::holds_alternative<client::publish>(frame.body))
    outlet_.metrics().dropped.add(drop_reason::refused);
  return false;
}

bool connection::spend(const request_id* asked) {
  const auto& bounds = context_.live().bounds;
  const auto now = loop().now();
  auto wait =
    budget_.take(rate::per_minute(bounds.messages_per_minute, bounds.messages_burst), now);
  if (wait == gcra::duration::zero() && session_ && session_->user_budget)
    wait = session_->user_budget->take(
      rate::per_minute(bounds.user_messages_per_minute, bounds.user_messages_burst), now);
  if (wait == gcra::duration::zero()) {
    if (refusals_ > 0)
      --refusals_;
    return true;
  }
  error why{errc::rate_limited};
  why.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  if (asked)
    fail(why, *asked);
  if (++refusals_ >= bounds.rate_refusals_max)
    hang_up(close_code::rate_kept_up, default_reason(close_code::rate_kept_up), why.retry_after);
  return false;
}

} // namespace troupe
