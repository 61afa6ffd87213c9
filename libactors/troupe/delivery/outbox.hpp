// What waits to be written to one socket: a bounded queue of frame refs. Pure; belongs to its I/O
// loop.
//
// An idle outbox has no memory of its own but its 80 bytes; a busy one grows a ring, and gives it
// back when it has emptied. Whoever pushes learns at once when the bound is reached; an empty one
// takes any one frame.
//
// Frames of a lossy audience are no reason to reach it. When it would be reached, the oldest of
// them go, until an eighth of the bound is free; and of an audience with the policy `latest_only`
// only the newest leaves once the reader has fallen behind. Where frames are missing a gap stands:
// a `gap` frame, one for each audience between two frames that are never dropped. What has begun to
// leave stays.
//
// Signals are no reason either: they are taken while little waits and the reader keeps up, and go,
// without a gap, when it does not.
#pragma once

#include "troupe/delivery/frame_ref.hpp"
#include "troupe/wire/troupe_v1.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include <sys/uio.h>

namespace troupe {

class outbox {
public:
  /// `speaks` is what its client speaks, as gaps are written; it lives longer.
  explicit outbox(const dialect& speaks = troupe_v1()) : speaks_(&speaks) {}

  enum class pushed : std::uint8_t {
    queued,   ///< or dropped in favour of others, with a gap in its place
    overflow, ///< would exceed the bound, and there is nothing to drop: not queued
    closed,   ///< the last frame is already in the queue: not queued
  };

  /// Queues one frame if that needs no thought: nothing is in its way, and at most `bytes` then
  /// wait. Else false.
  bool push_at_once(const frame_ref& what, std::size_t bytes) {
    if (state_ != 0 || bytes_ + what.size() > bytes)
      return false;
    append(what);
    return true;
  }

  /// Queues one frame unless more than `bytes_max` would then wait.
  pushed push(const frame_ref& what, std::size_t bytes_max);

  /// Queues a signal if the reader keeps up and no more than `bytes` then wait. Else false.
  bool push_signal(const frame_ref& what, std::size_t bytes);

  /// A `gap` that says so takes the place of what has not begun to leave and whose time is over.
  /// Returns how many frames those are.
  std::size_t expire(frame_ref::time_point now);
  /// Whether that may be any.
  bool may_expire() const { return is(mortal); }

  /// The reader does not take all that may leave. Ends by itself when it has.
  void fall_behind();
  bool is_behind() const { return is(behind); }

  /// Whether a pong waits at the end that the next one may as well replace (RFC 6455 section
  /// 5.5.3), because the reader asks faster than it takes the answers.
  bool pongs_pile_up() const;
  void replace_last(frame_ref what);

  /// Queues the last frame, whatever the bound; nothing can follow it.
  void push_last(frame_ref what);

  /// Drops what has not begun to leave. A frame of which a part is gone stays: the rest must
  /// follow.
  void drop_unsent();

  /// While held, only what was queued before `hold` leaves.
  void hold();
  bool held() const { return sendable_ != not_held; }
  /// While held: queues one frame that leaves all the same, behind what was queued before `hold`.
  /// Nothing is dropped to make room for it.
  pushed push_ahead(frame_ref what, std::size_t bytes_max);
  /// Ends the hold; `first` (may be empty) goes before all that was queued since.
  void release(frame_ref first);

  /// Fills `out` with what should leave next; returns how many entries were filled.
  std::size_t gather(std::span<iovec> out);

  /// `bytes` of what `gather` gave are gone.
  void consume(std::size_t bytes);

  const dialect& speaks() const { return *speaks_; }
  bool empty() const { return count_ == 0; }
  /// Nothing to write now: empty, or all that waits is held.
  bool idle() const { return count_ == 0 || sendable_ == 0; }
  bool closed() const { return is(last_queued); }
  std::size_t bytes() const { return bytes_; }
  std::size_t frames() const { return count_; }

private:
  static constexpr std::uint32_t inline_capacity = 4; // a power of two, like every capacity
  static constexpr std::uint32_t not_held = UINT32_MAX;

  // What makes a push more than an append; see `state_`.
  enum condition : std::uint8_t {
    last_queued = 1,     // nothing can follow
    behind = 2,          // the reader has not taken all that may leave
    outdated = 4,        // of an audience with `latest_only` several frames may wait
    nothing_to_drop = 8, // all that waits is needed
    mortal = 16,         // the time of something that waits will be over
  };

  bool is(condition c) const { return (state_ & c) != 0; }
  void set(condition c) { state_ = static_cast<std::uint8_t>(state_ | c); }
  void unset(condition c) { state_ = static_cast<std::uint8_t>(state_ & ~c); }

  frame_ref& at(std::uint32_t i) { return slots()[(head_ + i) & (capacity_ - 1)]; }
  const frame_ref& at(std::uint32_t i) const { return slots()[(head_ + i) & (capacity_ - 1)]; }
  frame_ref* slots() { return ring_ ? ring_.get() : inline_.data(); }
  const frame_ref* slots() const { return ring_ ? ring_.get() : inline_.data(); }
  void grow();
  void append(frame_ref what);
  void insert(std::uint32_t place, frame_ref what);
  void pop_front();
  void pop_back();
  std::uint32_t begun() const { return sent_ > 0 ? 1 : 0; }
  pushed push_with_care(const frame_ref& what, std::size_t bytes_max);
  void drop_signals();
  void make_room(std::size_t bytes_max);
  void keep_newest();
  void thin_out(std::size_t enough, std::size_t bytes_max);
  bool widen_gap(frame_ref& p, std::uint32_t stretch, std::uint32_t place);

  std::array<frame_ref, inline_capacity> inline_;
  std::unique_ptr<frame_ref[]> ring_;
  std::size_t bytes_ = 0; // waiting, without what has left of the first frame
  std::uint32_t capacity_ = inline_capacity;
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t sendable_ = not_held; // how many may leave while held
  std::uint32_t sent_ = 0;            // bytes of the first frame that have left
  std::uint8_t state_ = 0;            // conditions
  bool has_signals_ = false;          // perhaps: some may have left
  const dialect* speaks_;
};
static_assert(sizeof(outbox) == 80); // every idle connection has one

} // namespace troupe
