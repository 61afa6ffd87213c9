// What was last said in one room or on one topic: its events by offset, one after another, within
// bounds of number, bytes and age. Pure; belongs to the record of its name.
//
// An event that was deleted leaves its place: who asks for what it missed is told that something
// was there. What is dropped, by a bound or to make room for others, is no more: from then on, only
// who has seen it may go on without a gap.
#pragma once

#include "troupe/kept_event.hpp"
#include "troupe/seam_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe {

class history {
public:
  using time_point = kept_event::time_point;
  using duration = time_point::duration;

  struct bounds {
    std::size_t messages = 0; ///< 0: nothing is kept
    std::size_t bytes = 0;
    duration age{};
  };

  /// What a page of a history shows.
  struct page {
    std::vector<event_ptr> events; ///< the oldest first
    bool more = false;             ///< there are more in the direction that was asked for
  };
  struct question {
    std::optional<std::uint64_t> before{}; ///< offsets below; else the last ones
    std::optional<std::uint64_t> after{};  ///< offsets above, from there on
    std::size_t most = 0;
    std::size_t bytes_max = SIZE_MAX; ///< but one event at least
  };

  /// Keeps one at `offset`, which is above all that were kept, and drops what `within` does not
  /// allow. Offsets that were left out count as deleted.
  void keep(std::uint64_t offset, kept_ptr what, const bounds& within);
  /// Drops what `within` does not allow at `now`.
  void trim(const bounds& within, time_point now);
  /// Drops at least so many bytes from its oldest events, or all. How many went.
  std::size_t drop(std::size_t bytes);
  /// Deletes what this user has said; how many events.
  std::size_t erase_of(std::string_view user_id);
  /// Deletes everything; how many events.
  std::size_t erase_all();

  /// All events with offsets above `after` up to `top`, or null if not all are known any more, or
  /// there are more than `most`. Made once for all who ask for the same.
  missed_ptr behind(std::uint64_t after, std::uint64_t top, std::size_t most,
                    const seam_rules& rules = all_seam_rules);
  /// Without those whose time is over at `now`.
  page read(const question& asked, time_point now) const;

  /// When its oldest event was said, or nothing.
  std::optional<time_point> oldest() const;
  std::size_t events() const { return count_; }
  std::size_t bytes() const { return bytes_; }

private:
  struct entry {
    kept_ptr what; // null: deleted
    time_point at;
  };

  std::uint64_t first() const { return last_ + 1 - size(); }
  std::size_t size() const { return entries_.size() - gone_; }
  const entry& at(std::uint64_t offset) const {
    return entries_[gone_ + static_cast<std::size_t>(offset - first())];
  }
  void pop();
  void remove(entry& which);

  std::vector<entry> entries_; // up to `last_`
  std::size_t gone_ = 0;       // of them, at the beginning
  std::uint64_t last_ = 0;
  std::size_t count_ = 0; // not deleted
  std::size_t bytes_ = 0; // of those
  missed_ptr told_;       // what was last asked for, while it is still true
  std::uint64_t told_top_ = 0;
};

} // namespace troupe
