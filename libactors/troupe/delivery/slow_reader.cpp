// What an outbox does when its reader is too slow: what goes, where a gap stands, and when nothing
// is left but to close.
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outbox.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

bool only_latest(const frame_ref& p) {
  return p.of() && p.of()->policy == slow_consumer::latest_only;
}

} // namespace

outbox::pushed outbox::push_with_care(const frame_ref& what, std::size_t bytes_max) {
  if (closed())
    return pushed::closed;
  if (is(nothing_to_drop) && bytes_ + what.size() > bytes_max)
    return pushed::overflow;
  if (is(outdated) && count_ == capacity_) {
    keep_newest();
    if (count_ > capacity_ / 2)
      grow(); // else they would soon be looked through again
  }
  if (bytes_ + what.size() > bytes_max)
    drop_signals();
  append(what);
  if (what.of())
    unset(nothing_to_drop);
  if (is(behind) && only_latest(what))
    set(outdated);
  if (bytes_ > bytes_max)
    make_room(bytes_max);
  if (bytes_ <= bytes_max)
    return pushed::queued;
  set(nothing_to_drop);
  if (!what.of()) // else it is a gap by now
    pop_back();
  return pushed::overflow;
}

void outbox::fall_behind() {
  if (is(behind))
    return;
  set(behind);
  drop_signals();
  for (std::uint32_t i = begun(); i < count_ && !is(outdated); ++i)
    if (only_latest(at(i)))
      set(outdated);
}

bool outbox::push_signal(const frame_ref& what, std::size_t bytes) {
  const bool much = count_ > 0 && bytes_ + what.size() > bytes; // an empty one takes any one frame
  if (closed() || is(behind) || held() || much)
    return false;
  append(what);
  has_signals_ = true;
  unset(nothing_to_drop);
  return true;
}

// Those that have not begun to leave. Nobody is told.
void outbox::drop_signals() {
  if (!std::exchange(has_signals_, false))
    return;
  std::uint32_t kept = begun();
  std::uint32_t held_from = sendable_;
  for (std::uint32_t i = begun(); i < count_; ++i) {
    if (i == sendable_)
      held_from = kept;
    frame_ref p = std::move(at(i));
    if (auto* const counts = p.signal()) {
      bytes_ -= p.size();
      counts->signals_dropped.add(signal_drop::slow_reader);
    } else {
      at(kept++) = std::move(p);
    }
  }
  count_ = kept;
  if (held())
    sendable_ = std::min(held_from, kept);
  if (count_ == 0)
    state_ &= last_queued; // the next one shows whether it still takes no more
}

void outbox::make_room(std::size_t bytes_max) {
  keep_newest();
  if (bytes_ > bytes_max)
    thin_out(bytes_max - bytes_max / 8, bytes_max);
}

void outbox::keep_newest() {
  thin_out(SIZE_MAX, SIZE_MAX);
  unset(outdated);
}

// One pass over what waits, from the oldest on. Of each audience with `latest_only` all frames but
// the newest go; of all lossy audiences they go while more than `enough` bytes wait. The very last
// frame goes only while these are more than `bytes_max`.
void outbox::thin_out(std::size_t enough, std::size_t bytes_max) {
  for (std::uint32_t i = begun(); i < count_; ++i)
    if (auto* const of = at(i).of()) {
      of->seen.stretch = 0;
      if (at(i).missing() == 0)
        of->seen.newest = i;
    }
  std::uint32_t stretch = 1; // an answer may say where an audience stands: no gap reaches across
  std::uint32_t kept = begun();
  std::uint32_t held_from = sendable_;
  for (std::uint32_t i = begun(); i < count_; ++i) {
    if (i == sendable_) {
      ++stretch; // an answer will come here
      held_from = kept;
    }
    frame_ref p = std::move(at(i));
    lossy_audience* const of = p.of();
    const bool old = only_latest(p) && of->seen.newest != i;
    const bool goes =
      of && (p.missing() > 0 || old || bytes_ > (i + 1 == count_ ? bytes_max : enough));
    if (goes && widen_gap(p, stretch, kept))
      continue;
    if (!of)
      ++stretch;
    else if (!goes)
      of->seen.stretch = 0; // what is missing from here on is another gap
    at(kept++) = std::move(p);
  }
  count_ = kept;
  if (held())
    sendable_ = std::min(held_from, kept);
  for (std::uint32_t i = begun(); i < count_; ++i)
    if (at(i).missing() > 0) {
      bytes_ -= at(i).size();
      at(i).write_gap(*speaks_);
      bytes_ += at(i).size();
    }
}

// Makes `p`, a frame or a gap, part of its audience's gap before it. If there is none in this
// stretch, false: then `p` becomes a gap, for `place`.
bool outbox::widen_gap(frame_ref& p, std::uint32_t stretch, std::uint32_t place) {
  lossy_audience& of = *p.of();
  bytes_ -= p.size();
  if (p.missing() == 0 && of.counts)
    of.counts->dropped.add(drop_reason::gap);
  if (of.seen.stretch == stretch) {
    frame_ref& before = at(of.seen.gap);
    bytes_ -= before.size();
    before.widen(p);
    bytes_ += before.size();
    return true;
  }
  if (p.missing() == 0)
    p = frame_ref::gap(p);
  bytes_ += p.size();
  of.seen.stretch = stretch;
  of.seen.gap = place;
  return false;
}

} // namespace troupe
