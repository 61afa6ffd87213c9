#include "troupe/delivery/outbox.hpp"

#include "troupe/delivery/lossy_audience.hpp"

#include <algorithm>

namespace troupe {

namespace {

// As many pings a client may have sent ahead, and gets an answer to each.
constexpr std::uint32_t pongs_waiting_max = 16;

bool only_latest(const frame_ref& p) {
  return p.of() && p.of()->policy == slow_consumer::latest_only;
}

} // namespace

// -- pushing -----------------------------------------------------------------------------------------

outbox::pushed outbox::push(const frame_ref& what, std::size_t bytes_max) {
  if (state_ != 0 || bytes_ + what.size() > bytes_max)
    return push_with_care(what, bytes_max);
  append(what);
  return pushed::queued;
}

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

void outbox::push_last(frame_ref what) {
  if (closed())
    return;
  if (held())
    release({});
  append(std::move(what));
  set(last_queued);
}

bool outbox::pongs_pile_up() const {
  return (is(behind) || count_ >= pongs_waiting_max) && count_ > begun() && !closed() &&
         at(count_ - 1).is_pong();
}

void outbox::replace_last(frame_ref what) {
  pop_back();
  append(std::move(what));
}

void outbox::drop_unsent() {
  while (count_ > begun())
    pop_back();
  sendable_ = not_held;
}

// -- dropping ----------------------------------------------------------------------------------------

void outbox::fall_behind() {
  if (is(behind))
    return;
  set(behind);
  for (std::uint32_t i = begun(); i < count_ && !is(outdated); ++i)
    if (only_latest(at(i)))
      set(outdated);
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

// -- leaving -----------------------------------------------------------------------------------------

void outbox::hold() {
  if (!held())
    sendable_ = count_;
}

void outbox::release(frame_ref first) {
  const std::uint32_t place = std::min(sendable_, count_);
  sendable_ = not_held;
  if (!first || closed())
    return;
  append(std::move(first));
  for (std::uint32_t i = count_ - 1; i > place; --i)
    std::swap(at(i), at(i - 1));
}

std::size_t outbox::gather(std::span<iovec> out) {
  if (is(outdated))
    keep_newest();
  const std::size_t n = std::min<std::size_t>({out.size(), count_, sendable_});
  for (std::uint32_t i = 0; i < n; ++i) {
    const frame_ref& p = at(i);
    const std::size_t gone = i == 0 ? sent_ : 0;
    out[i] = {const_cast<char*>(p.data()) + gone, p.size() - gone};
  }
  return n;
}

void outbox::consume(std::size_t bytes) {
  bytes_ -= bytes;
  std::size_t left = bytes + sent_;
  while (count_ > 0 && left >= at(0).size()) {
    left -= at(0).size();
    pop_front();
  }
  sent_ = static_cast<std::uint32_t>(left);
  if (idle())
    state_ &= last_queued;
}

void outbox::append(frame_ref what) {
  if (count_ == capacity_)
    grow();
  bytes_ += what.size();
  at(count_) = std::move(what);
  ++count_;
}

void outbox::pop_front() {
  at(0) = frame_ref{};
  head_ = (head_ + 1) & (capacity_ - 1);
  --count_;
  if (held() && sendable_ > 0)
    --sendable_;
  if (count_ == 0 && ring_) {
    ring_.reset();
    capacity_ = inline_capacity;
    head_ = 0;
  }
}

void outbox::pop_back() {
  bytes_ -= at(count_ - 1).size();
  at(count_ - 1) = frame_ref{};
  --count_;
}

void outbox::grow() {
  const std::uint32_t larger = capacity_ == inline_capacity ? 32 : capacity_ * 4;
  auto ring = std::make_unique<frame_ref[]>(larger);
  for (std::uint32_t i = 0; i < count_; ++i)
    ring[i] = std::move(at(i));
  ring_ = std::move(ring);
  capacity_ = larger;
  head_ = 0;
}

} // namespace troupe
