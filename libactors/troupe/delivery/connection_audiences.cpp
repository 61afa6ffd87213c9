// Where a connection listens: how it gets into rooms and onto topics, and out again.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/server_frames.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

// A room or topic answers within microseconds; one that has not by now never will.
constexpr std::chrono::seconds answer_timeout{5};

error at_most(std::size_t count, std::string_view what) {
  return {errc::limit_exceeded,
          "At most " + std::to_string(count) + " " + std::string(what) + " a connection"};
}

std::vector<std::string> each_once(std::vector<std::string>&& names) {
  std::vector<std::string> once; // in the order of the request
  for (auto& name : names)
    if (std::find(once.begin(), once.end(), name) == once.end())
      once.push_back(std::move(name));
  return once;
}

} // namespace

// -- in ----------------------------------------------------------------------------------------------

void connection::receive(client::join& frame, request_id& id) {
  if (!may(action::join, frame.room))
    return fail(error{errc::insufficient_permissions}, id);
  if (who()) // a token's name is not the client's to change
    frame.user.clear();
  const auto most = context_.live().bounds.rooms_per_connection_max;
  if (find_seat(audience_kind::room, frame.room) == no_seat &&
      seats_of(audience_kind::room) >= most)
    return fail(at_most(most, "rooms"), id);
  pending_ = std::make_unique<pending_request>(pending_request::purpose::join,
                                               std::vector{frame.room}, std::move(id));
  begin_waiting();
  ask(audience_kind::room, frame.room, std::move(frame.user));
}

void connection::receive(client::subscribe& frame, request_id& id) {
  const bool several = frame.topics.size() > 1;
  auto topics = each_once(std::move(frame.topics));
  std::vector<error> forbidden;
  std::erase_if(topics, [&](const std::string& topic) {
    if (may(action::subscribe, topic))
      return false;
    forbidden.emplace_back(errc::insufficient_permissions);
    if (several)
      forbidden.back().message = topic + ": " + forbidden.back().message;
    return true;
  });
  const auto fresh = std::count_if(topics.begin(), topics.end(), [this](const auto& topic) {
    return find_seat(audience_kind::topic, topic) == no_seat;
  });
  const auto most = context_.live().bounds.topics_per_connection_max;
  if (seats_of(audience_kind::topic) + static_cast<std::size_t>(fresh) > most)
    return fail(at_most(most, "topics"), id);
  pending_ = std::make_unique<pending_request>(pending_request::purpose::subscribe, topics,
                                               std::move(id), frame.by_channel);
  for (auto& why : forbidden)
    pending_->add(std::move(why));
  begin_waiting();
  // Several topics answer one after the other; what the first ones already send must not overtake
  // the answer to the client.
  if (topics.size() > 1)
    outbox_.hold();
  for (const auto& topic : topics)
    if (const auto seat = find_seat(audience_kind::topic, topic); seat != no_seat)
      pending_->know(topic, seats_[seat].where->at); // it listens already
    else
      ask(audience_kind::topic, topic);
  settle();
}

void connection::begin_waiting() {
  const auto now = loop().now();
  pending_->begin(++tickets_, now + answer_timeout);
  arm_next(now);
}

void connection::ask(audience_kind kind, const std::string& name, std::string user) {
  enter request{kind, name, id_, tickets_};
  if (kind == audience_kind::room) { // topics do not ask who listens
    request.user = !user.empty() ? std::move(user) : user_.empty() ? "Anonymous" : user_;
    request.who = bearer();
  }
  caf::anon_send(context_.routes.directory, std::move(request));
}

// -- what is answered --------------------------------------------------------------------------------

void connection::enrolled(audience& where, const enroll& message) {
  if (const auto seat = find_seat(where); seat != no_seat) {
    seats_[seat].asked = message.asked;
  } else {
    if (!pending_ || !pending_->awaits(message.kind, message.name)) {
      // Too late: the client was told that it failed, or it is on its way out.
      return say_leave(where, message.asked);
    }
    seats_.push_back({&where, static_cast<std::uint32_t>(where.seats.size()), message.asked});
    where.seats.push_back(this);
  }
  // An answer to an earlier request that has timed out lets it in just as well, but the answer to
  // this one is still to come.
  if (pending_ && pending_->grant(message.asked, message.name, message.at))
    settle();
}

void connection::refused(const refuse& message) {
  if (pending_ && pending_->refuse(message.asked, message.name, message.why))
    settle();
}

// Tells the client when the last answer has come.
void connection::settle() {
  if (!pending_->settled())
    return;
  const auto done = std::move(pending_);
  const auto granted = done->granted();
  frame_ptr answer;
  if (!granted.empty() && done->what() == pending_request::purpose::subscribe)
    answer = server_frames::subscribed(granted, done->by_channel(), done->id());
  else if (!granted.empty() && done->what() == pending_request::purpose::join)
    answer = server_frames::joined(granted.front().name, granted.front().at, done->id());
  const bool first = done->what() == pending_request::purpose::first_room;
  if (first)
    greet();
  if (outbox_.held())
    outbox_.release(answer ? frame_ref{answer} : frame_ref{});
  else if (answer)
    push(answer);
  for (const auto& why : done->refused())
    fail(why, done->id());
  if (first && granted.empty())
    hang_up(close_code::try_again_later, done->refused().front().message);
  outlet_.pump_later(*this); // there may be more to read
}

// -- out ---------------------------------------------------------------------------------------------

void connection::receive(client::leave& frame, request_id& id) {
  const auto seat = find_seat(audience_kind::room, frame.room);
  if (seat == no_seat)
    return fail(error{errc::not_in_room}, id);
  give_up(seat);
  push(server_frames::left(frame.room, id));
}

void connection::receive(client::unsubscribe& frame, request_id& id) {
  for (const auto& topic : frame.topics)
    if (const auto seat = find_seat(audience_kind::topic, topic); seat != no_seat)
      give_up(seat);
  push(server_frames::unsubscribed(frame.topics, frame.by_channel, id));
}

void connection::expelled(audience& where, const frame_ref& last) {
  const auto seat = find_seat(where);
  if (seat == no_seat)
    return;
  outlet_.unseat(where, seats_[seat].number);
  seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(seat));
  deliver(last);
}

void connection::dissolved(audience& where, const error& why) {
  outlet_.metrics().errors.add(why.code);
  expelled(where, frame_ref{server_frames::error(why, {})});
}

void connection::reseated(const audience& where, std::uint32_t seat) {
  seats_[find_seat(where)].number = seat;
}

void connection::give_up(std::size_t seat) {
  const auto [where, number, asked] = seats_[seat];
  say_leave(*where, asked);
  outlet_.unseat(*where, number);
  seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(seat));
}

void connection::say_leave(const audience& where, ticket asked) const {
  std::visit(
    [&](const auto& host) {
      caf::anon_send(host, troupe::leave{where.kind, where.name, id_, asked});
    },
    where.host);
}

void connection::leave_all() {
  while (!seats_.empty())
    give_up(seats_.size() - 1);
}

void connection::drop_what_is_not_allowed() {
  for (std::size_t seat = seats_.size(); seat-- > 0;) {
    const audience& where = *seats_[seat].where;
    const bool room = where.kind == audience_kind::room;
    if (may(room ? action::join : action::subscribe, where.name))
      continue;
    const std::string name = where.name;
    give_up(seat);
    push(room ? server_frames::left(name, {}) : server_frames::unsubscribed({name}, false, {}));
    fail({errc::insufficient_permissions, name + ": Insufficient permissions"}, {});
  }
}

// -- its seats ---------------------------------------------------------------------------------------

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

} // namespace troupe
