#include "troupe/connection.hpp"

#include "troupe/connection_pending.hpp"
#include "troupe/outlet.hpp"
#include "troupe/server_frames.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

// A room or topic answers within microseconds; one that has not by now never will.
constexpr std::chrono::seconds answer_timeout{5};
constexpr std::uint8_t missed_beats_max = 2;

std::string shown_id(const house& here, connection_id id) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text = here.epoch + "-";
  for (int shift = 60; shift >= 0; shift -= 4)
    text += hex[id.value >> shift & 15];
  return text;
}

} // namespace

connection::connection(caf::actor_config& config, event_loop& loop, const house& here, outlet& ear,
                       opening asked)
  : light_actor(config, loop),
    user_(std::move(asked.user)),
    first_room_(std::move(asked.room)),
    here_(here),
    ear_(ear) {}

connection::~connection() = default;

void connection::open() {
  here_.connections.fetch_add(1, std::memory_order_relaxed);
  id_ = ear_.attach(*this);
  const auto now = loop().now();
  // Connections that came together do not beat together.
  next_beat_ = now + here_.heartbeat - here_.heartbeat * (id_.slot() % 16) / 64;
  if (first_room_.empty()) {
    greet();
  } else {
    request_id none;
    const std::string room = std::exchange(first_room_, {});
    wait_for(wish::first_room, {room}, none);
    ask(audience_kind::room, room, {});
  }
  arm_next(now);
}

void connection::greet() {
  stage_ = stage::open;
  push(server_frames::connection(here_.server_name, shown_id(here_, id_), here_.heartbeat));
}

// -- where it listens --------------------------------------------------------------------------------

connection::pending& connection::wait_for(wish what, const std::vector<std::string>& names,
                                          request_id& id) {
  pending_ = std::make_unique<pending>();
  pending_->what = what;
  pending_->asked = ++tickets_;
  pending_->answers_left = names.size();
  for (const auto& name : names)
    pending_->places.push_back({name, {}});
  pending_->id = std::move(id);
  pending_->until = loop().now() + answer_timeout;
  arm_next(loop().now());
  return *pending_;
}

void connection::ask(audience_kind kind, const std::string& name, std::string user) {
  if (user.empty())
    user = user_.empty() ? "Anonymous" : user_;
  caf::anon_send(here_.directory, enter{kind, name, id_, std::move(user), tickets_});
}

void connection::enrolled(audience& where, const enroll& message) {
  pending::place* const awaited = pending_ ? pending_->find(message.kind, message.name) : nullptr;
  if (find_seat(where) == no_seat) {
    if (!awaited || stage_ == stage::closing || stage_ == stage::ended) {
      // Too late: the client was told that it failed, or it is on its way out.
      std::visit([this](const auto& host) { caf::anon_send(host, troupe::leave{id_}); },
                 where.host);
      return;
    }
    seats_.push_back({&where, static_cast<std::uint32_t>(where.seats.size())});
    where.seats.push_back(this);
  }
  // An answer to an earlier request that has timed out lets it in just as well, but the answer to
  // this one is still to come.
  if (!awaited || pending_->asked != message.asked)
    return;
  awaited->at = message.at;
  --pending_->answers_left;
  settle();
}

void connection::refused(const refuse& message) {
  if (!pending_ || pending_->asked != message.asked)
    return;
  failure why = message.why;
  if (pending_->what == wish::subscribe)
    why.message = message.name + ": " + why.message;
  pending_->refused.push_back(std::move(why));
  --pending_->answers_left;
  settle();
}

// Tells the client when the last answer has come.
void connection::settle() {
  if (pending_->answers_left > 0)
    return;
  const auto done = std::move(pending_);
  auto& granted = done->places;
  std::erase_if(granted, [](const auto& place) { return place.at.epoch.empty(); });
  frame_ptr answer;
  if (!granted.empty() && done->what == wish::subscribe)
    answer = server_frames::subscribed(granted, done->by_channel, done->id);
  else if (!granted.empty() && done->what == wish::join)
    answer = server_frames::joined(granted.front().name, granted.front().at, done->id);
  if (done->what == wish::first_room)
    greet();
  if (outbox_.held())
    outbox_.release(answer ? parcel{answer} : parcel{});
  else if (answer)
    push(answer);
  for (const auto& why : done->refused)
    fail(why, done->id);
  if (done->what == wish::first_room && granted.empty())
    hang_up(close_code::try_again_later, done->refused.front().message);
  ear_.pump_later(*this); // there may be more to read
}

void connection::expelled(audience& where, const parcel& last) {
  const auto seat = find_seat(where);
  if (seat == no_seat)
    return;
  ear_.unseat(where, seats_[seat].number);
  seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(seat));
  deliver(last);
}

void connection::dissolved(audience& where, const failure& why) {
  expelled(where, parcel{server_frames::error(why, {})});
}

void connection::reseated(const audience& where, std::uint32_t seat) {
  seats_[find_seat(where)].number = seat;
}

std::size_t connection::find_seat(audience_kind kind, std::string_view name) const {
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (seats_[i].where->kind == kind && seats_[i].where->name == name)
      return i;
  return no_seat;
}

std::size_t connection::find_seat(const audience& where) const {
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (seats_[i].where == &where)
      return i;
  return no_seat;
}

std::size_t connection::seats_of(audience_kind kind) const {
  return static_cast<std::size_t>(std::count_if(
    seats_.begin(), seats_.end(), [kind](const seating& s) { return s.where->kind == kind; }));
}

const room_actor* connection::room_named(std::string_view name, failure& why) const {
  const audience* found = nullptr;
  for (const auto& s : seats_) {
    if (s.where->kind != audience_kind::room || (!name.empty() && s.where->name != name))
      continue;
    if (found) {
      why = {errc::bad_request, "'room' is required: this connection is in several rooms"};
      return nullptr;
    }
    found = s.where;
  }
  if (!found) {
    why = failure{errc::not_in_room};
    return nullptr;
  }
  return &std::get<room_actor>(found->host);
}

void connection::give_up(std::size_t seat) {
  const auto [where, number] = seats_[seat];
  std::visit([this](const auto& host) { caf::anon_send(host, troupe::leave{id_}); }, where->host);
  ear_.unseat(*where, number);
  seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(seat));
}

void connection::leave_all() {
  while (!seats_.empty())
    give_up(seats_.size() - 1);
}

// -- what it is sent ---------------------------------------------------------------------------------

void connection::deliver(const parcel& what) {
  if (stage_ != stage::open)
    return;
  if (outbox_.push(what, here_.bounds.outbox_bytes_max) == outbox::pushed::overflow)
    overflowed_ = true; // acted on in `pump`: whoever delivers must not find us leaving
  ear_.pump_later(*this);
}

void connection::push(frame_ptr what) {
  deliver(parcel{std::move(what)});
}

void connection::pump() {
  if (stage_ == stage::ended)
    return;
  if (overflowed_ && stage_ == stage::open)
    hang_up(close_code::slow_consumer, default_reason(close_code::slow_consumer));
  if (reads_on_)
    read_on();
  if (stage_ != stage::ended && !outbox_.idle())
    write();
  if (stage_ == stage::closing && outbox_.empty())
    all_written();
}

void connection::pump_soon() {
  ear_.pump_later(*this);
}

bool connection::throttled() const {
  return in_flight_ && in_flight_->count() >= here_.bounds.in_flight_max;
}

bool connection::wants_frames() {
  if (stage_ != stage::open || pending_)
    return false;
  if (!throttled())
    return true;
  arm_next(loop().now());
  return false;
}

permit connection::take_permit() {
  if (!in_flight_)
    in_flight_ = caf::make_counted<in_flight>();
  return permit{in_flight_};
}

// -- its life ----------------------------------------------------------------------------------------

void connection::arm_next(timer_wheel::time_point now) {
  auto when = next_beat_;
  if (pending_)
    when = std::min(when, pending_->until);
  if (throttled())
    when = std::min<timer_wheel::time_point>(when, now + timer_wheel::tick);
  loop().arm(*this, when);
}

void connection::on_deadline(timer_wheel::time_point now) {
  if (stage_ == stage::closing) {
    timed_out_ = true;
    return end();
  }
  if (pending_ && now >= pending_->until) {
    pending_->answers_left = 0;
    pending_->refused.push_back(failure{errc::timeout});
    settle();
  }
  if (now >= next_beat_)
    beat(now);
  if (stage_ == stage::closing || stage_ == stage::ended)
    return;
  ear_.pump_later(*this);
  arm_next(now);
}

void connection::beat(timer_wheel::time_point now) {
  next_beat_ = now + here_.heartbeat;
  if (missed_beats_ >= missed_beats_max)
    return hang_up(close_code::heartbeat_missed, default_reason(close_code::heartbeat_missed));
  ++missed_beats_;
  deliver(ear_.heartbeat());
}

void connection::hang_up(close_code code, std::string_view reason,
                         std::chrono::milliseconds after) {
  if (stage_ == stage::closing || stage_ == stage::ended)
    return;
  if (code == close_code::slow_consumer)
    outbox_.drop_unsent();
  begin_closing(server_frames::disconnect(code, reason, after));
}

void connection::close_with(frame_ptr last) {
  if (stage_ != stage::closing && stage_ != stage::ended)
    begin_closing(std::move(last));
}

void connection::begin_closing(frame_ptr last) {
  stage_ = stage::closing;
  pending_.reset();
  leave_all();
  outbox_.push_last(parcel{std::move(last)});
  loop().arm(*this, loop().now() + here_.bounds.close_timeout);
  closing_began();
  ear_.pump_later(*this);
}

void connection::end() {
  quit();
}

void connection::handle(caf::type_erased_tuple& content) {
  if (content.match_elements<troupe::hang_up>()) {
    const auto& message = content.get_as<troupe::hang_up>(0);
    hang_up(message.code, message.reason);
  }
}

void connection::on_exit() {
  const bool abruptly = timed_out_ || !outbox_.empty();
  stage_ = stage::ended;
  leave_all();
  cancel();
  pending_.reset();
  outbox_ = {};
  release_transport(abruptly);
  ear_.detach(*this);
  here_.connections.fetch_sub(1, std::memory_order_relaxed);
}

} // namespace troupe
