#include "troupe/audience/history.hpp"

#include <algorithm>

namespace troupe {

void history::keep(std::uint64_t offset, kept_ptr what, const bounds& within) {
  const auto at = what->at();
  if (size() == 0)
    last_ = offset - 1;
  for (; last_ + 1 < offset; ++last_)
    entries_.push_back({nullptr, at});
  bytes_ += what->bytes();
  ++count_;
  entries_.push_back({std::move(what), at});
  last_ = offset;
  told_.reset();
  trim(within, at);
}

void history::trim(const bounds& within, time_point now) {
  while (size() > 0 && (size() > within.messages || bytes_ > within.bytes ||
                        entries_[gone_].at + within.age <= now))
    pop();
}

std::size_t history::drop(std::size_t bytes) {
  const auto before = bytes_;
  while (size() > 0 && before - bytes_ < bytes)
    pop();
  return before - bytes_;
}

// The oldest is known no more.
void history::pop() {
  remove(entries_[gone_]);
  told_.reset();
  if (++gone_ * 2 < entries_.size())
    return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone_));
  gone_ = 0;
  if (entries_.empty())
    entries_.shrink_to_fit();
}

void history::remove(entry& which) {
  if (!which.what)
    return;
  bytes_ -= which.what->bytes();
  --count_;
  which.what.reset();
}

std::size_t history::erase_of(std::string_view user_id) {
  const auto before = count_;
  for (auto i = gone_; i < entries_.size(); ++i)
    if (entries_[i].what && user_of(entries_[i].what->what()->what()) == user_id)
      remove(entries_[i]);
  told_.reset();
  return before - count_;
}

std::size_t history::erase_all() {
  const auto erased = count_;
  drop(SIZE_MAX);
  while (size() > 0)
    pop();
  return erased;
}

missed_ptr history::behind(std::uint64_t after, std::uint64_t top, std::size_t most,
                           const seam_rules& rules) {
  if (after > top || top - after > most)
    return nullptr;
  if (after < top && (size() == 0 || first() > after + 1)) {
    if (rules.all_or_nothing)
      return nullptr;
    after = size() == 0 ? top : first() - 1;
  }
  if (told_ && told_->after == after && told_top_ == top)
    return told_;
  auto missed = std::make_shared<missed_events>();
  missed->after = after;
  missed->events.reserve(static_cast<std::size_t>(top - after));
  for (auto offset = after + 1; offset <= top; ++offset)
    missed->events.push_back(offset <= last_ ? at(offset).what : nullptr);
  told_ = std::move(missed);
  told_top_ = top;
  return told_;
}

history::page history::read(const question& asked, time_point now) const {
  page out;
  std::size_t bytes = 0;
  const auto take = [&](const entry& one) {
    if (!one.what || one.what->until() <= now)
      return true;
    const bool fits = out.events.size() < asked.most &&
                      (out.events.empty() || bytes + one.what->bytes() <= asked.bytes_max);
    out.more = !fits;
    if (!fits)
      return false;
    bytes += one.what->bytes();
    out.events.push_back(one.what->what());
    return true;
  };
  if (asked.after) {
    for (auto seen = std::max(*asked.after, first() - 1); seen < last_; ++seen)
      if (!take(at(seen + 1)))
        break;
    return out;
  }
  for (auto offset = std::min(asked.before.value_or(last_ + 1), last_ + 1); offset > first();)
    if (!take(at(--offset)))
      break;
  std::reverse(out.events.begin(), out.events.end());
  return out;
}

std::optional<history::time_point> history::oldest() const {
  if (size() == 0)
    return std::nullopt;
  return entries_[gone_].at;
}

} // namespace troupe
