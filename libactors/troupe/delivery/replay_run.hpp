// What listeners of one room or topic on one loop are sent again: the events that they missed, and
// those that have come since, for as long as one of them needs them. Each of these listeners has a
// cursor in the one run; a frame is made once, by whoever needs it first. Belongs to the audience
// in its loop's listener table.
//
// Nothing is queued for a listener twice: until its cursor has reached the end, what is said goes
// into the run and not into its outbox.
#pragma once

#include "troupe/delivery/frame_ref.hpp"
#include "troupe/kept_event.hpp"
#include "troupe/seam_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

namespace troupe {

class audience_listener;

class replay_run {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How far one listener has come.
  struct cursor {
    std::uint64_t next = 0;      ///< offset of what it gets next
    std::size_t behind = 0;      ///< bytes that were said since it came, and that it waits for
    std::uint64_t top = 0;       ///< where what it missed ends
    time_point moved{};          ///< when it was last seen to have taken something
    std::uint64_t next_then = 0; ///< and its state then
    std::size_t waiting_then = 0;
  };

  /// `who` is sent again what it missed, up to where the audience stands. It had no cursor.
  void begin(const audience_listener& who, const missed_events& missed, time_point now);
  /// It is no listener any more, or has been given up.
  void end(const audience_listener& who);

  cursor* find(const audience_listener& who) {
    const auto found = cursors_.find(&who);
    return found == cursors_.end() ? nullptr : &found->second;
  }
  /// Whether it has taken nothing for so long; `waiting` bytes are in its outbox now.
  bool stalled(const audience_listener& who, std::size_t waiting, time_point now,
               time_point::duration patience);

  bool empty() const { return cursors_.empty(); }
  std::size_t cursors() const { return cursors_.size(); }
  std::size_t frames() const { return entries_.size(); }

  /// Said just now, and numbered next.
  void append(frame_ref what);

  /// What the owner of the cursor gets next; `make(kept)` makes a frame ref of what has none yet,
  /// and `gap(count, offset)` one for so many that are there no more, the last at that offset.
  /// What is over at `now` is there no more, either. Nothing when it has come to the end: then it
  /// has no cursor any more.
  template <class Make, class Gap>
  frame_ref next(const audience_listener& who, Make make, Gap gap,
                 const seam_rules& rules = all_seam_rules, time_point now = time_point::min()) {
    cursor& at = cursors_.at(&who);
    if (at.next >= end_offset()) {
      end(who);
      return {};
    }
    std::uint32_t deleted = 0;
    while (at.next < end_offset() && entry_at(at.next).is_gone(now)) {
      if (at.next > at.top)
        at.behind -= entry_at(at.next).frame.size();
      step(at);
      ++deleted;
    }
    if (deleted > 0 && rules.gap_for_deleted)
      return gap(deleted, at.next - 1);
    if (at.next >= end_offset()) { // only without that rule
      end(who);
      return {};
    }
    entry& one = entry_at(at.next);
    if (!one.frame)
      one.frame = make(*one.kept);
    frame_ref out = one.frame;
    if (at.next > at.top)
      at.behind -= out.size();
    step(at);
    return out;
  }

private:
  struct entry {
    kept_ptr kept; // pins what was missed
    frame_ref frame;
    std::uint32_t here = 0; // cursors that have this one next

    bool is_gone(time_point now) const {
      return kept ? kept->until() <= now : !frame || frame.until() <= now;
    }
  };

  std::uint64_t end_offset() const { return first_ + entries_.size(); }
  entry& entry_at(std::uint64_t offset) {
    return entries_[static_cast<std::size_t>(offset - first_)];
  }
  void step(cursor& at);
  void trim();

  std::deque<entry> entries_; // from `first_`
  std::uint64_t first_ = 1;
  std::unordered_map<const audience_listener*, cursor> cursors_;
};

} // namespace troupe
