// How a loop's listeners are sent again what they missed: replay_run.hpp has the runs.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/event_frame.hpp"

#include <algorithm>

namespace troupe {

namespace {

// As much is queued for a client at once: enough for one write, and little for each of thousands;
// and no more than half of an outbox, the rest of which is for what others say.
constexpr std::size_t frames_at_once = 32;
constexpr std::size_t bytes_at_once = 64 * 1024;
// A replay is judged by its progress: what has been queued for it is never too much.
constexpr std::size_t any_number = SIZE_MAX;

events::gap gap_in(const audience& where, std::uint64_t dropped, std::uint64_t offset) {
  events::gap out{.dropped = dropped, .offset = offset};
  (where.kind == audience_kind::room ? out.room : out.topic) = where.name;
  return out;
}

} // namespace

void outlet::begin_replay(connection& who, audience& in, const missed_events& missed) {
  if (!in.replays)
    in.replays = std::make_unique<replay_run>();
  in.replays->begin(who, missed, loop()->now());
  metrics_.replays.add();
  who.has_replays();
}

bool outlet::replay(connection& who) {
  const auto make = [this](const kept_event& kept) {
    bool made = false;
    auto frame = kept.frame(made);
    metrics_.encodings.add(made ? 1 : 0);
    return frame_ref{{kept.what(), std::move(frame)}, nullptr, 0, kept.until()};
  };
  const auto& rules = context_.settings.seam;
  const auto bytes_max = std::min(bytes_at_once, context_.live().bounds.outbox_bytes_max / 2);
  bool left = false;
  for (std::size_t i = 0; i < who.audience_count(); ++i) {
    audience& in = *listeners_.find(who.audience_at(i).id);
    const auto gap = [&](std::uint32_t deleted, std::uint64_t offset) {
      auto what = gap_in(in, deleted, offset);
      what.expired = true;
      return frame_ref{encode(std::move(what))};
    };
    while (in.replays && in.replays->find(who)) {
      if (who.waiting_frames() >= frames_at_once || who.waiting_bytes() >= bytes_max) {
        left = true;
        break;
      }
      if (const frame_ref next = in.replays->next(who, make, gap, rules, loop()->now())) {
        metrics_.replayed.add();
        who.deliver(next, any_number);
      }
    }
    if (in.replays && in.replays->empty())
      in.replays.reset();
  }
  return left;
}

// It is sent again what it missed: if this was dropped, a gap would say where it stands.
void outlet::deliver_beside(connection& who, const audience& in, const frame_ref& what,
                            const broadcast& message) {
  const auto bytes_max = context_.live().bounds.outbox_bytes_max;
  const auto at = in.at_for(who);
  if (at.offset == message.offset || !context_.settings.seam.own_position)
    who.deliver(what, bytes_max);
  else
    who.deliver({message.what, in.lossy, at.offset, message.how.until}, bytes_max);
}

bool outlet::stalled(connection& who, timer_wheel::time_point now) {
  const auto patience = context_.live().bounds.replay_stall;
  for (std::size_t i = 0; i < who.audience_count(); ++i) {
    const audience& in = who.audience_at(i);
    if (in.replays && in.replays->stalled(who, who.waiting_bytes(), now, patience))
      return true;
  }
  return false;
}

// Too much has been said since it came back. What its namespace says of slow readers holds.
void outlet::fall_behind(connection& who, audience& in) {
  if (!in.lossy)
    return who.fall_too_far_behind();
  const auto next = in.replays->find(who)->next;
  in.replays->end(who);
  metrics_.dropped.add(drop_reason::gap, in.at.offset - next + 1);
  if (context_.settings.seam.gap_for_dropped)
    who.deliver(frame_ref{encode(gap_in(in, in.at.offset - next + 1, in.at.offset))});
}

} // namespace troupe
