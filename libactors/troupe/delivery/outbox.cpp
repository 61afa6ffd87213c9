#include "troupe/delivery/outbox.hpp"

#include <algorithm>

namespace troupe {

namespace {

// As many pings a client may have sent ahead, and gets an answer to each.
constexpr std::uint32_t pongs_waiting_max = 16;

} // namespace

// -- pushing -----------------------------------------------------------------------------------------

outbox::pushed outbox::push(const frame_ref& what, std::size_t bytes_max) {
  if (count_ == 0) {
    state_ &= last_queued;
    bytes_max = SIZE_MAX;
  }
  if (push_at_once(what, bytes_max))
    return pushed::queued;
  return push_with_care(what, bytes_max);
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

// -- leaving -----------------------------------------------------------------------------------------

void outbox::hold() {
  if (!held())
    sendable_ = count_;
}

outbox::pushed outbox::push_ahead(frame_ref what, std::size_t bytes_max) {
  if (closed())
    return pushed::closed;
  if (count_ > 0 && bytes_ + what.size() > bytes_max)
    return pushed::overflow;
  insert(std::min(sendable_, count_), std::move(what));
  ++sendable_;
  return pushed::queued;
}

void outbox::release(frame_ref first) {
  const std::uint32_t place = std::min(sendable_, count_);
  sendable_ = not_held;
  if (first && !closed())
    insert(place, std::move(first));
}

void outbox::insert(std::uint32_t place, frame_ref what) {
  append(std::move(what));
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
  if (count_ == 0)
    has_signals_ = false;
}

void outbox::append(frame_ref what) {
  if (count_ == capacity_)
    grow();
  bytes_ += what.size();
  if (what.is_mortal())
    set(mortal);
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
