// What waits to be written to one socket: a bounded queue of parcels. Pure; belongs to its I/O
// loop.
//
// An idle outbox has no memory of its own but its 80 bytes; a busy one grows a ring, and gives it
// back when it has emptied. Whoever pushes learns at once when the bound is reached.
#pragma once

#include "troupe/frame.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include <sys/uio.h>

namespace troupe {

class outbox {
public:
  enum class pushed : std::uint8_t {
    queued,
    overflow, ///< would exceed the bound: not queued
    closed,   ///< the last frame is already in the queue: not queued
  };

  /// Queues one frame unless more than `bytes_max` would then wait.
  pushed push(const parcel& what, std::size_t bytes_max);

  /// Queues the last frame, whatever the bound; nothing can follow it.
  void push_last(parcel what);

  /// Drops what has not begun to leave. A frame of which a part is gone stays: the rest must
  /// follow.
  void drop_unsent();

  /// While held, only what was queued before `hold` leaves.
  void hold();
  bool held() const { return sendable_ != not_held; }
  /// Ends the hold; `first` (may be empty) goes before all that was queued since.
  void release(parcel first);

  /// Fills `out` with what should leave next; returns how many entries were filled.
  std::size_t gather(std::span<iovec> out) const;

  /// `bytes` of what `gather` gave are gone.
  void consume(std::size_t bytes);

  bool empty() const { return count_ == 0; }
  /// Nothing to write now: empty, or all that waits is held.
  bool idle() const { return count_ == 0 || sendable_ == 0; }
  bool closed() const { return closed_; }
  std::size_t bytes() const { return bytes_; }

private:
  static constexpr std::uint32_t inline_capacity = 4; // a power of two, like every capacity
  static constexpr std::uint32_t not_held = UINT32_MAX;

  parcel& at(std::uint32_t i) { return slots()[(head_ + i) & (capacity_ - 1)]; }
  const parcel& at(std::uint32_t i) const { return slots()[(head_ + i) & (capacity_ - 1)]; }
  parcel* slots() { return ring_ ? ring_.get() : inline_.data(); }
  const parcel* slots() const { return ring_ ? ring_.get() : inline_.data(); }
  void grow();
  void append(parcel what);
  void pop_front();

  std::array<parcel, inline_capacity> inline_;
  std::unique_ptr<parcel[]> ring_;
  std::size_t bytes_ = 0; // waiting, without what has left of the first frame
  std::uint32_t capacity_ = inline_capacity;
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t sendable_ = not_held; // how many may leave while held
  std::uint32_t sent_ = 0;            // bytes of the first frame that have left
  bool closed_ = false;
};

} // namespace troupe
