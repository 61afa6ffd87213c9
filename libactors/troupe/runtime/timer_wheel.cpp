#include "troupe/runtime/timer_wheel.hpp"

#include <algorithm>

namespace troupe {

timer_wheel::timer_wheel(time_point start) : start_(start) {
  for (auto& list : slots_)
    list.previous_ = list.next_ = &list;
}

timer_wheel::~timer_wheel() {
  for (auto& list : slots_) {
    while (list.next_ != &list)
      list.next_->cancel();
    list.previous_ = list.next_ = nullptr;
  }
}

void timer_wheel::deadline::cancel() {
  if (!previous_ || !wheel_)
    return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = next_ = nullptr;
  --wheel_->count_;
}

void timer_wheel::link(deadline& d, head& list) {
  d.previous_ = list.previous_;
  d.next_ = &list;
  list.previous_->next_ = &d;
  list.previous_ = &d;
  d.wheel_ = this;
  ++count_;
}

void timer_wheel::arm(deadline& d, time_point when) {
  d.cancel();
  const auto ticks = when <= start_ ? 0 : (when - start_ + tick - duration{1}) / tick;
  d.due_ = std::max(static_cast<std::uint64_t>(ticks), now_ + 1);
  link(d, slots_[d.due_ % slots]);
}

std::optional<timer_wheel::time_point> timer_wheel::next_due() const {
  if (count_ == 0)
    return std::nullopt;
  std::uint64_t next = now_ + 1;
  while (slots_[next % slots].next_ == &slots_[next % slots])
    ++next;
  return start_ + tick * static_cast<std::int64_t>(next);
}

void timer_wheel::advance(time_point now) {
  const auto target = now <= start_ ? 0 : static_cast<std::uint64_t>((now - start_) / tick);
  while (now_ < target) {
    if (count_ == 0) {
      now_ = target;
      return;
    }
    ++now_;
    head& list = slots_[now_ % slots];
    // What fires may cancel or arm anything in this slot: move its nodes to a list of their own and
    // take them from there one at a time.
    head due;
    due.previous_ = due.next_ = &due;
    if (list.next_ != &list) {
      due.next_ = list.next_;
      due.previous_ = list.previous_;
      due.next_->previous_ = due.previous_->next_ = &due;
      list.previous_ = list.next_ = &list;
    }
    while (due.next_ != &due) {
      deadline& d = *due.next_;
      d.cancel();
      if (d.due_ > now_)
        link(d, list);
      else
        d.on_deadline(now);
    }
    due.previous_ = nullptr;
  }
}

} // namespace troupe
