#include "troupe/delivery/replay_run.hpp"

namespace troupe {

void replay_run::begin(const audience_listener& who, const missed_events& missed, time_point now) {
  const auto first = missed.after + 1;
  const auto end = first + missed.events.size();
  if (entries_.empty())
    first_ = end;
  while (first_ > first) // of what others missed it needs more
    entries_.push_front({missed.events[static_cast<std::size_t>(--first_ - first)], {}, 0});
  cursors_.emplace(&who, cursor{first, 0, end - 1, now, first, 0});
  ++entry_at(first).here;
}

void replay_run::end(const audience_listener& who) {
  const auto found = cursors_.find(&who);
  if (found == cursors_.end())
    return;
  if (found->second.next < end_offset())
    --entry_at(found->second.next).here;
  cursors_.erase(found);
  trim();
}

bool replay_run::stalled(const audience_listener& who, std::size_t waiting, time_point now,
                         time_point::duration patience) {
  cursor* const at = find(who);
  if (!at)
    return false;
  if (at->next != at->next_then || waiting < at->waiting_then)
    at->moved = now;
  at->next_then = at->next;
  at->waiting_then = waiting;
  return now - at->moved >= patience;
}

void replay_run::append(frame_ref what) {
  for (auto& [who, at] : cursors_)
    at.behind += what.size();
  entries_.push_back({nullptr, std::move(what), 0});
  // Those who had come to the end, and were not asked yet, have this one next.
  for (const auto& [who, at] : cursors_)
    if (at.next + 1 == end_offset())
      ++entries_.back().here;
}

void replay_run::step(cursor& at) {
  --entry_at(at.next).here;
  if (++at.next < end_offset())
    ++entry_at(at.next).here;
  trim();
}

// What nobody needs any more goes.
void replay_run::trim() {
  while (!entries_.empty() && (cursors_.empty() || entries_.front().here == 0)) {
    entries_.pop_front();
    ++first_;
  }
}

} // namespace troupe
