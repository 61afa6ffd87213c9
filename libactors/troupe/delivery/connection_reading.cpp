// When a connection reads: not while it waits for an answer, nor with too much under way; and in
// turns where many have something to say.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

void connection::pump_soon() {
  outlet_.pump_later(*this);
}

bool connection::may_read() {
  if (outlet_.may_read(*this))
    return true;
  reads_on_ = true;
  return false;
}

void connection::charge_reading(std::uint64_t units) {
  outlet_.charge_reading(units);
}

void connection::read_in_turn() {
  awaits_turn_ = false;
  if (reads_on_ && state_ != state::ended)
    read_on();
}

bool connection::throttled() const {
  return credits_out_ && credits_out_->count() >= context_.live().bounds.in_flight_max;
}

bool connection::wants_frames() {
  if (state_ != state::open || pending_)
    return false;
  if (!throttled())
    return true;
  arm_next(loop().now());
  return false;
}

} // namespace troupe
