// What an outbox does with frames whose time is over before their reader has taken them.
#include "troupe/delivery/outbox.hpp"
#include "troupe/wire/event_frame.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace troupe {

namespace {

// What is told in the place of that event; nothing where it has none.
std::optional<events::gap> gap_for(const server_event* what) {
  if (!what)
    return std::nullopt;
  return std::visit(
    [](const auto& event) -> std::optional<events::gap> {
      if constexpr (requires {
                      event.type;
                      event.offset;
                    }) {
        const std::optional<std::uint64_t> offset = event.offset;
        if (!offset)
          return std::nullopt;
        events::gap out{.dropped = 1, .offset = *offset, .expired = true};
        if constexpr (requires { event.room; })
          out.room = event.room;
        else
          out.topic = event.topic;
        return out;
      }
      return std::nullopt;
    },
    *what);
}

bool goes_on(const std::optional<events::gap>& before, const events::gap& next) {
  return before && before->room == next.room && before->topic == next.topic &&
         before->offset + 1 == next.offset;
}

frame_ref written(const events::gap& what, const dialect& speaks) {
  auto frame = framed(what, speaks);
  return frame_ref{frame ? std::move(frame) : ping_frame()}; // a dialect without a word for it
}

} // namespace

// One pass over what waits. Neighbours of one audience make one gap, which is shorter than they.
std::size_t outbox::expire(frame_ref::time_point now) {
  std::size_t expired = 0;
  bool more = false;
  std::optional<events::gap> last; // the last one that is kept
  std::uint32_t kept = begun();
  std::uint32_t held_from = sendable_;
  for (std::uint32_t i = begun(); i < count_; ++i) {
    if (i == sendable_) {
      held_from = kept;
      last.reset(); // an answer will come here
    }
    frame_ref p = std::move(at(i));
    if (p.until() > now) {
      more = more || p.is_mortal();
      last.reset();
      at(kept++) = std::move(p);
      continue;
    }
    ++expired;
    bytes_ -= p.size();
    auto gap = gap_for(p.event());
    if (!gap)
      continue;
    if (goes_on(last, *gap)) {
      gap->dropped += last->dropped;
      bytes_ -= at(--kept).size();
    }
    last = std::move(gap);
    at(kept) = written(*last, speaks());
    bytes_ += at(kept++).size();
  }
  count_ = kept;
  if (held())
    sendable_ = std::min(held_from, kept);
  if (!more)
    unset(mortal);
  if (count_ == 0)
    state_ &= last_queued;
  return expired;
}

} // namespace troupe
