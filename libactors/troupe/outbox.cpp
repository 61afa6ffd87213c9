#include "troupe/outbox.hpp"

#include <algorithm>

namespace troupe {

outbox::pushed outbox::push(const parcel& what, std::size_t bytes_max) {
  if (closed_)
    return pushed::closed;
  if (bytes_ + what.size() > bytes_max)
    return pushed::overflow;
  append(what);
  return pushed::queued;
}

void outbox::push_last(parcel what) {
  if (closed_)
    return;
  if (held())
    release({});
  append(std::move(what));
  closed_ = true;
}

void outbox::drop_unsent() {
  const std::uint32_t keep = sent_ > 0 ? 1 : 0;
  for (; count_ > keep; --count_) {
    bytes_ -= at(count_ - 1).size();
    at(count_ - 1) = parcel{};
  }
  sendable_ = not_held;
}

void outbox::hold() {
  if (!held())
    sendable_ = count_;
}

void outbox::release(parcel first) {
  const std::uint32_t place = std::min(sendable_, count_);
  sendable_ = not_held;
  if (!first || closed_)
    return;
  append(std::move(first));
  for (std::uint32_t i = count_ - 1; i > place; --i)
    std::swap(at(i), at(i - 1));
}

std::size_t outbox::gather(std::span<iovec> out) const {
  const std::size_t n = std::min<std::size_t>({out.size(), count_, sendable_});
  for (std::uint32_t i = 0; i < n; ++i) {
    const parcel& p = at(i);
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
}

void outbox::append(parcel what) {
  if (count_ == capacity_)
    grow();
  bytes_ += what.size();
  at(count_) = std::move(what);
  ++count_;
}

void outbox::pop_front() {
  at(0) = parcel{};
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

void outbox::grow() {
  const std::uint32_t larger = capacity_ == inline_capacity ? 32 : capacity_ * 4;
  auto ring = std::make_unique<parcel[]>(larger);
  for (std::uint32_t i = 0; i < count_; ++i)
    ring[i] = std::move(at(i));
  ring_ = std::move(ring);
  capacity_ = larger;
  head_ = 0;
}

} // namespace troupe
