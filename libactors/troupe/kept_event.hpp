// An event that a history keeps: where it stands, since when, and what it costs. Immutable; counted
// atomically, because a replay on another loop may need it longer than the history does. Its bytes,
// and those of the frame that replays make of it, count until the last of them has let go.
#pragma once

#include "troupe/wire/event_frame.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Bytes that an event takes in memory, its texts included.
std::size_t bytes_of(const server_event& what);

/// Whose doing it is by a token, or empty.
const std::string& user_of(const server_event& what);

class kept_event final : public caf::ref_counted {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `total` counts the bytes of all of them, and lives longer.
  kept_event(event_ptr what, time_point at, std::atomic<std::uint64_t>& total,
             time_point until = time_point::max())
    : what_(std::move(what)),
      at_(at),
      until_(until),
      total_(total),
      bytes_(sizeof(kept_event) + bytes_of(what_->what())) {
    total_.fetch_add(bytes_, std::memory_order_relaxed);
  }
  ~kept_event() override;
  kept_event(const kept_event&) = delete;
  kept_event& operator=(const kept_event&) = delete;

  const event_ptr& what() const { return what_; }
  time_point at() const { return at_; }
  /// When its time is over: nobody gets it from then on.
  time_point until() const { return until_; }
  /// Without the frame.
  std::size_t bytes() const { return bytes_; }

  /// Its commonest form, made once for all loops by whoever needs it first; `made` is then true.
  /// Any thread.
  frame_ptr frame(bool& made) const;

private:
  const event_ptr what_;
  const time_point at_;
  const time_point until_;
  std::atomic<std::uint64_t>& total_;
  const std::size_t bytes_;
  mutable std::atomic<const troupe::frame*> frame_{nullptr}; // held once
};

using kept_ptr = caf::intrusive_ptr<const kept_event>;

/// The events of one room or topic that somebody missed: those behind the offset `after`, one after
/// another. Null stands for one that is there no more; the time of others may be over. Immutable,
/// and shared by all who missed the same.
struct missed_events {
  std::uint64_t after = 0;
  std::vector<kept_ptr> events;
};
using missed_ptr = std::shared_ptr<const missed_events>;

} // namespace troupe
