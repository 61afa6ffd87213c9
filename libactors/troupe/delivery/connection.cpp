#include "troupe/delivery/connection.hpp"

#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/event_frame.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

constexpr std::uint8_t missed_beats_max = 2;

// How often it is looked whether a client takes what it missed.
constexpr std::chrono::seconds replay_look{1};

// A beat is two pings: a frame and one of the transport. Most clients answer one of them alone, so
// what is left over is not kept.
constexpr std::uint8_t pings_per_beat = 2;
constexpr std::uint8_t pongs_free_max = pings_per_beat * (missed_beats_max + 1);

} // namespace

connection::connection(caf::actor_config& config, event_loop& loop, const server_context& context,
                       outlet& its_outlet, opening asked)
  : light_actor(config, loop),
    user_(std::move(asked.user)),
    address_(asked.address),
    context_(context),
    outlet_(its_outlet),
    takes_own_form_(asked.speaks != &troupe_v1()),
    outbox_(*asked.speaks) {
  if (asked.admission.held)
    session_ = std::make_unique<session>(std::move(asked.admission));
  if (asked.proxied_for.known()) {
    if (!session_)
      session_ = std::make_unique<session>();
    session_->came_for(asked.proxied_for);
  }
  if (asked.who)
    adopt(std::move(asked.who));
  if (who() && asked.inbox_since)
    session_->has_seen_of_inbox(std::move(*asked.inbox_since));
  if (asked.sender != 0) {
    if (!session_)
      session_ = std::make_unique<session>();
    session_->continues(asked.sender);
  }
  const bool by_default = asked.room.empty();
  if (by_default)
    asked.room = context_.settings.default_room;
  if (!asked.room.empty())
    pending_ = std::make_unique<pending_request>(by_default ? pending_request::purpose::default_room
                                                            : pending_request::purpose::first_room,
                                                 std::vector{std::move(asked.room)});
  if (pending_ && asked.since)
    pending_->has_seen(std::move(*asked.since));
  if (pending_ && !by_default && asked.follows)
    pending_->wants_to_follow();
}

connection::~connection() = default;

void connection::open() {
  context_.metrics.connections.fetch_add(1, std::memory_order_relaxed);
  id_ = outlet_.attach(*this);
  if (context_.observers.opened)
    context_.observers.opened(id_, who(), user_);
  const auto now = loop().now();
  // Connections that came together do not beat together.
  next_beat_ =
    now + context_.settings.heartbeat - context_.settings.heartbeat * (id_.slot() % 16) / 64;
  if (pending_)
    return enter_first_room();
  greet();
  arm_next(now);
}

void connection::enter_first_room() {
  std::string room = pending_->places().front().name;
  if (may(action::join, room)) {
    begin_waiting();
    const auto follows = pending_->follows() ? std::optional(true) : std::nullopt;
    return ask(audience_kind::room, room, pending_->seen(), follows);
  }
  const auto what = std::exchange(pending_, nullptr)->what();
  greet();
  if (what == pending_request::purpose::default_room)
    return arm_next(loop().now());
  const auto why = context_.live().access.refusal(action::join, room);
  fail(error(why).about(audience_kind::room, std::move(room)), {});
  hang_up(close_code::policy_violation, why.message);
}

void connection::greet(const events::topic_position& in) {
  state_ = state::open;
  if (context_.observers.tap) {
    greeted_ = true;
    context_.observers.tap({tapped_event::kind::connected, {}, {}, public_id(), who(), {}});
  }
  events::connection hello{"Connected to " + context_.settings.server_name,
                           public_id(),
                           context_.settings.session_of(sender()),
                           context_.settings.heartbeat,
                           in.name,
                           in.at.epoch,
                           {},
                           in.recovered,
                           in.top};
  if (!in.name.empty())
    hello.offset = in.at.offset;
  tell(hello);
  if (!who())
    return;
  tell_identity({});
  caf::anon_send(context_.routes.users, arrived{id_, bearer()});
  enter_inbox();
}

// -- what it is sent ---------------------------------------------------------------------------------

void connection::deliver(const frame_ref& what, std::size_t bytes_max) {
  if (state_ != state::open)
    return outlet_.metrics().dropped.add(drop_reason::closing);
  if (takes_own_form_)
    deliver_with_care(own_form(what), bytes_max);
  else if (!outbox_.push_at_once(what, bytes_max / written_part))
    deliver_with_care(what, bytes_max);
  outlet_.pump_later(*this);
}

// Empty where this client's dialect has no word for it.
frame_ref connection::own_form(const frame_ref& what) {
  const auto& speaks = outbox_.speaks();
  frame_ref mine = what;
  if (what.event() && &speaks != &troupe_v1())
    mine = what.form({.speaks = &speaks}, [&] {
      outlet_.metrics().encodings.add();
      return framed(*what.event(), speaks);
    });
  if (!mine.frame())
    return {};
  return packs_ ? packed(mine) : mine;
}

void connection::tell(const server_event& what) {
  outlet_.metrics().encodings.add();
  push(framed(what, outbox_.speaks()));
}

// A frame in this client's own dialect, or of the transport.
void connection::push(frame_ptr what) {
  if (what)
    deliver(frame_ref{std::move(what)});
}

void connection::pump() {
  pump_scheduled_ = false;
  if (state_ == state::ended)
    return;
  if (transport_failed_)
    return end();
  if (overflowed_ && state_ == state::open)
    hang_up(close_code::slow_consumer, default_reason(close_code::slow_consumer));
  if (reads_on_ && may_read())
    read_on();
  if (replaying_ && state_ == state::open && !outbox_.held() && !outbox_.is_behind())
    replaying_ = outlet_.replay(*this);
  if (outbox_.is_behind())
    expire_frames();
  if (state_ != state::ended && !outbox_.idle())
    write();
  if (!outbox_.idle())
    outbox_.fall_behind();
  if (state_ == state::closing && outbox_.empty())
    all_written();
}

// -- its life ----------------------------------------------------------------------------------------

void connection::arm_next(timer_wheel::time_point now) {
  auto when = next_beat_;
  if (pending_)
    when = std::min(when, pending_->until());
  if (session_)
    when = std::min(when, session_->expires());
  if (replaying_)
    when = std::min<timer_wheel::time_point>(when, now + replay_look);
  if (throttled())
    when = std::min<timer_wheel::time_point>(when, now + timer_wheel::tick);
  loop().arm(*this, when);
}

void connection::on_deadline(timer_wheel::time_point now) {
  if (state_ == state::closing) {
    timed_out_ = true;
    return end();
  }
  if (pending_ && now >= pending_->until()) {
    pending_->time_out();
    settle();
  }
  if (session_ && session_->replaced())
    hang_up(close_code::heartbeat_missed, "Another connection of this user has its place");
  else if (session_ && session_->expired(now))
    hang_up(close_code::token_expired, default_reason(close_code::token_expired));
  else if (replaying_ && outlet_.stalled(*this, now))
    hang_up(close_code::slow_consumer, default_reason(close_code::slow_consumer));
  else if (now >= next_beat_)
    beat(now);
  if (state_ == state::closing || state_ == state::ended)
    return;
  outlet_.pump_later(*this);
  arm_next(now);
}

void connection::beat(timer_wheel::time_point now) {
  next_beat_ = now + context_.settings.heartbeat;
  if (missed_beats_ >= missed_beats_max)
    return hang_up(close_code::heartbeat_missed, default_reason(close_code::heartbeat_missed));
  if (missed_beats_ > 0 && session_)
    session_->doubt();
  ++missed_beats_;
  pongs_free_ = std::min<std::uint8_t>(pongs_free_ + pings_per_beat, pongs_free_max);
  deliver(outlet_.heartbeat());
}

// It had missed a heartbeat, and now has something to say.
void connection::came_back() {
  if (state_ != state::closing && session_ && !session_->vouch())
    loop().arm(*this, loop().now());
}

void connection::hang_up(close_code code, std::string_view reason,
                         std::chrono::milliseconds after) {
  if (state_ == state::closing || state_ == state::ended)
    return;
  if (code == close_code::slow_consumer || overflowed_) {
    const auto waiting = outbox_.frames();
    outbox_.drop_unsent();
    outlet_.metrics().dropped.add(drop_reason::slow_consumer, waiting - outbox_.frames());
  }
  outlet_.metrics().closed(code);
  tell_closed(code, reason);
  begin_closing(framed(events::closing(code, reason, after), outbox_.speaks()));
}

void connection::close_with(frame_ptr last, close_code ours) {
  if (state_ == state::closing || state_ == state::ended)
    return;
  if (ours == close_code{})
    outlet_.metrics().closed_by_client.add();
  else
    outlet_.metrics().closed(ours);
  tell_closed(ours, ours == close_code{} ? "by the client" : default_reason(ours));
  begin_closing(std::move(last));
}

loop_metrics& connection::metrics() const {
  return outlet_.metrics();
}

void connection::tell_closed(close_code code, std::string_view why) const {
  if (context_.observers.closed)
    context_.observers.closed(id_, who(), code, why);
}

void connection::begin_closing(frame_ptr last) {
  state_ = state::closing;
  if (session_)
    session_->doubt();
  pending_.reset();
  leave_all();
  outbox_.push_last(frame_ref{std::move(last)});
  loop().arm(*this, loop().now() + context_.live().bounds.close_timeout);
  closing_began();
  outlet_.pump_later(*this);
}

void connection::end() {
  quit();
}

void connection::end_soon() {
  transport_failed_ = true;
  pump_soon();
}

void connection::handle(caf::type_erased_tuple& content) {
  if (content.match_elements<troupe::hang_up>()) {
    const auto& message = content.get_as<troupe::hang_up>(0);
    hang_up(message.code, message.reason);
  }
}

void connection::on_exit() {
  const bool abruptly = timed_out_ || !outbox_.empty();
  if (state_ != state::closing) {
    outlet_.metrics().closed_without.add();
    tell_closed({}, "lost");
  }
  outlet_.metrics().dropped.add(drop_reason::lost, outbox_.frames());
  state_ = state::ended;
  if (who())
    caf::anon_send(context_.routes.users, departed{id_});
  leave_all();
  if (greeted_ && context_.observers.tap)
    context_.observers.tap({tapped_event::kind::disconnected, {}, {}, public_id(), who(), {}});
  cancel();
  pending_.reset();
  session_.reset(); // it is counted no more, however long somebody holds the actor
  outbox_ = outbox{};
  release_transport(abruptly);
  outlet_.detach(*this);
  context_.metrics.connections.fetch_sub(1, std::memory_order_relaxed);
}

} // namespace troupe
