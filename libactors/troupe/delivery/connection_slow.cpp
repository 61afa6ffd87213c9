// Whether a reader keeps up, and what it is not sent, or not any more, where it does not.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

// An empty `what` is not queued.
void connection::deliver_with_care(const frame_ref& what, std::size_t bytes_max) {
  if (!what)
    return;
  make_way(what.size(), bytes_max);
  // Behind one that found no place none may follow, or it would be missing without a word.
  if (!overflowed_ && outbox_.push(what, bytes_max) != outbox::pushed::overflow)
    return;
  overflow();
}

void connection::overflow() {
  overflowed_ = true; // acted on in `pump`
  outlet_.metrics().dropped.add(drop_reason::slow_consumer);
}

// What one turn brings says nothing about the reader: what waits is written before it is judged,
// and in parts, so that a turn's frames need not all be kept.
void connection::make_way(std::size_t bytes, std::size_t bytes_max) {
  const auto too_much = [&](std::size_t bound) { return outbox_.bytes() + bytes > bound; };
  if (overflowed_ || !too_much(outbox_.is_behind() ? bytes_max : bytes_max / written_part))
    return;
  if (outbox_.held() && outbox_.idle() && too_much(bytes_max)) {
    pending_->time_out(); // what was asked for has taken too long: it has its answer now
    settle();
  }
  if (outbox_.is_behind())
    expire_frames();
  outbox_.is_behind() ? write_again() : write();
  if (!outbox_.idle())
    outbox_.fall_behind();
}

// What waits for a reader that keeps up leaves with this turn, and is not looked at.
void connection::expire_frames() {
  if (outbox_.may_expire())
    outlet_.metrics().dropped.add(drop_reason::expired, outbox_.expire(loop().now()));
}

// A client for which much waits has room for messages, but for no signals.
void connection::deliver_signal(const frame_ref& what, std::size_t bytes_max) {
  constexpr std::size_t signals_part = 2;
  if (state_ != state::open)
    return outlet_.metrics().signals_dropped.add(signal_drop::closing);
  const frame_ref mine = takes_own_form_ ? own_form(what) : what;
  if (!mine)
    return;
  if (!outbox_.is_behind() && !outbox_.held())
    make_way(mine.size(), bytes_max);
  if (overflowed_ || !outbox_.push_signal(mine, bytes_max / signals_part))
    return outlet_.metrics().signals_dropped.add(signal_drop::slow_reader);
  outlet_.metrics().deliveries.add();
  outlet_.pump_later(*this);
}

void connection::fall_too_far_behind() {
  overflowed_ = true;
  outlet_.pump_later(*this);
}

} // namespace troupe
