// Where a connection listens: how it gets into rooms and onto topics, and out again.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/connection_pending.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/wire/framing.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

events::joined joined(const events::topic_position& where, const request_id& id) {
  return {where.name, where.at.epoch, where.at.offset, id};
}

} // namespace

connection::pending& connection::wait_for(request_kind what, const std::vector<std::string>& names,
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
  enter request{kind, name, id_, tickets_};
  if (kind == audience_kind::room) { // topics do not ask who listens
    request.user = !user.empty() ? std::move(user) : user_.empty() ? "Anonymous" : user_;
    request.who = session_ ? session_->who : nullptr;
  }
  caf::anon_send(context_.routes.directory, std::move(request));
}

void connection::enrolled(audience& where, const enroll& message) {
  pending::place* const awaited = pending_ ? pending_->find(message.kind, message.name) : nullptr;
  if (const auto seat = find_seat(where); seat != no_seat) {
    seats_[seat].asked = message.asked;
  } else {
    if (!awaited || state_ == state::closing || state_ == state::ended) {
      // Too late: the client was told that it failed, or it is on its way out.
      return say_leave(where, message.asked);
    }
    seats_.push_back({&where, static_cast<std::uint32_t>(where.seats.size()), message.asked});
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
  error why = message.why;
  if (pending_->what == request_kind::subscribe)
    why.message = message.name + ": " + why.message;
  pending_->refused.push_back(std::move(why));
  --pending_->answers_left;
  settle();
}

events::subscribed connection::subscribed(const std::vector<events::topic_position>& granted,
                                          const pending& asked) {
  events::subscribed out{{}, asked.by_channel ? granted.front().name : "", granted, asked.id};
  for (const auto& each : granted)
    out.topics.push_back(each.name);
  return out;
}

// Tells the client when the last answer has come.
void connection::settle() {
  if (pending_->answers_left > 0)
    return;
  const auto done = std::move(pending_);
  auto& granted = done->places;
  std::erase_if(granted, [](const auto& place) { return place.at.epoch.empty(); });
  frame_ptr answer;
  if (!granted.empty() && done->what == request_kind::subscribe)
    answer = framed(subscribed(granted, *done), outbox_.speaks());
  else if (!granted.empty() && done->what == request_kind::join)
    answer = framed(joined(granted.front(), done->id), outbox_.speaks());
  if (done->what == request_kind::first_room)
    greet();
  if (outbox_.held())
    outbox_.release(answer ? frame_ref{answer} : frame_ref{});
  else if (answer)
    push(answer);
  for (const auto& why : done->refused)
    fail(why, done->id);
  if (done->what == request_kind::first_room && granted.empty())
    hang_up(close_code::try_again_later, done->refused.front().message);
  outlet_.pump_later(*this); // there may be more to read
}

void connection::expelled(audience& where, const server_event& last) {
  const auto seat = find_seat(where);
  if (seat == no_seat)
    return;
  outlet_.unseat(where, seats_[seat].number);
  seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(seat));
  tell(last);
}

void connection::dissolved(audience& where, const error& why) {
  outlet_.metrics().errors.add(why.code);
  expelled(where, events::refusal(why));
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

const audience* connection::room_named(std::string_view name, error& why) const {
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
    why = error{errc::not_in_room};
    return nullptr;
  }
  return found;
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

} // namespace troupe
