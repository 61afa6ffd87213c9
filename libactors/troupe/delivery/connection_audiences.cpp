// Where a connection listens: how it gets into rooms and onto topics, and out again.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/wire/event_frame.hpp"
#include "troupe/wire/names.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <optional>

namespace troupe {

namespace {

error at_most(std::size_t count, std::string_view what) {
  return {errc::limit_exceeded,
          "At most " + std::to_string(count) + " " + std::string(what) + " a connection"};
}

// Who missed something stands where it asked for, until it has been sent that.
pending_request::place where(const enroll& message) {
  pending_request::place out{message.name, message.at};
  if (!message.resumed)
    return out;
  out.recovered = message.resumed->recovered();
  if (*out.recovered) {
    out.top = out.at.offset;
    out.at.offset = message.resumed->missed->after;
  }
  return out;
}

// Who listens already has missed nothing of what comes. `at`: how far it has come.
pending_request::place where(const audience& known, const position& at,
                             const std::optional<position>& since) {
  pending_request::place out{known.name, at};
  if (!since)
    return out;
  out.recovered = since->epoch == at.epoch && since->offset == at.offset;
  if (*out.recovered)
    out.top = known.at.offset;
  return out;
}

std::optional<position> seen_of(const client::subscribe& frame, const std::string& topic) {
  for (const auto& [name, at] : frame.recover)
    if (name == topic)
      return at;
  return std::nullopt;
}

events::joined joined(const pending_request::place& room, const request_id& id) {
  return {room.name, room.at.epoch, room.at.offset, room.recovered, room.top, id};
}

events::subscribed subscribed(const std::vector<pending_request::place>& granted,
                              const pending_request& asked) {
  events::subscribed out{
    {}, asked.by_channel() ? granted.front().name : "", granted, asked.refused(), asked.id()};
  for (const auto& each : granted)
    out.topics.push_back(each.name);
  return out;
}

// Nothing was granted: the one error says the first reason, and of several topics all.
events::error nothing_granted(const pending_request& asked) {
  const auto& refused = asked.refused();
  auto out = events::refusal(refused.front(), asked.id());
  if (refused.size() > 1) {
    out.topic.clear();
    out.refused = refused;
  }
  return out;
}

// What is asked for, as the answer to it: to be in, or the refusal.
std::optional<server_event> answer_to(const pending_request& asked,
                                      const std::vector<pending_request::place>& granted) {
  if (asked.what() == pending_request::purpose::default_room)
    return std::nullopt; // who may not be in it is simply not in it
  if (granted.empty())
    return asked.refused().empty() ? std::nullopt
                                   : std::optional<server_event>(nothing_granted(asked));
  switch (asked.what()) {
  case pending_request::purpose::first_room:
  case pending_request::purpose::default_room:
    return std::nullopt; // `connection` has said it
  case pending_request::purpose::join:
    return joined(granted.front(), asked.id());
  case pending_request::purpose::subscribe:
  case pending_request::purpose::inbox: // nobody has asked, and the client is told all the same
    break;
  }
  return subscribed(granted, asked);
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
    return forbid(action::join, audience_kind::room, frame.room, id);
  if (who()) // a token's name is not the client's to change
    frame.user.clear();
  else if (!may_be_called(frame.user, id))
    return;
  const auto most = context_.live().bounds.rooms_per_connection_max;
  if (!find_audience(audience_kind::room, frame.room) &&
      audience_count(audience_kind::room) >= most)
    return fail(at_most(most, "rooms").about(audience_kind::room, frame.room), id);
  charge_reading(read_pace::units_of_a_new_name);
  pending_ = std::make_unique<pending_request>(pending_request::purpose::join,
                                               std::vector{frame.room}, std::move(id));
  begin_waiting();
  ask(audience_kind::room, frame.room, std::move(frame.recover), frame.presence,
      std::move(frame.user));
}

void connection::receive(client::subscribe& frame, request_id& id) {
  auto topics = each_once(std::move(frame.topics));
  charge_reading(topics.size());
  std::vector<error> forbidden;
  std::erase_if(topics, [&](const std::string& topic) {
    if (may_subscribe(topic))
      return false;
    forbidden.push_back(
      context_.live().access.refusal(action::subscribe, topic).about(audience_kind::topic, topic));
    return true;
  });
  const auto fresh = std::count_if(topics.begin(), topics.end(),
                                   [this](const auto& topic) { return !hears(topic); });
  const auto most = context_.live().bounds.topics_per_connection_max;
  if (topic_count() + static_cast<std::size_t>(fresh) > most)
    return fail(at_most(most, "topics"), id);
  pending_ =
    std::make_unique<pending_request>(pending_request::purpose::subscribe, topics, std::move(id),
                                      frame.by_channel, std::move(forbidden));
  begin_waiting();
  // Several topics answer one after the other; what the first ones already send must not overtake
  // the answer to the client.
  if (topics.size() > 1)
    outbox_.hold();
  for (const auto& topic : topics) {
    if (has_wildcard(topic)) {
      ask_for_pattern(topic);
      continue;
    }
    auto since = seen_of(frame, topic);
    const audience* const known = find_audience(audience_kind::topic, topic);
    if (known && !frame.presence)
      pending_->know(where(*known, stands_at(*known), since)); // it listens already
    else
      ask(audience_kind::topic, topic, std::move(since), frame.presence);
  }
  settle();
}

void connection::begin_waiting() {
  const auto now = loop().now();
  pending_->begin(++tickets_, now + answer_timeout);
  arm_next(now);
}

void connection::ask(audience_kind kind, const std::string& name, std::optional<position> since,
                     std::optional<bool> follows, std::string user) {
  enter request{.kind = kind,
                .name = name,
                .connection = id_,
                .asked = tickets_,
                .on = charged_to(),
                .since = std::move(since),
                .follows = follows};
  if (kind == audience_kind::room || context_.live().topic_keeps_presence(name)) {
    request.user = !user.empty()   ? std::move(user)
                   : user_.empty() ? std::string(anonymous_name)
                                   : user_;
    request.who = bearer();
    request.from = public_id();
  }
  caf::anon_send(context_.routes.directory, std::move(request));
}

// -- what is answered --------------------------------------------------------------------------------

// Where it stands in one that it listens to.
position connection::stands_at(const audience& in) const {
  return context_.settings.seam.own_position ? in.at_for(*this) : in.at;
}

// An answer to an earlier request that has timed out lets it in just as well, but the answer to
// this one is still to come.
void connection::enrolled(const enroll& message, const audience& in) {
  if (replaying_)
    arm_next(loop().now());
  auto granted = where(message);
  if (!message.resumed || !message.resumed->recovered())
    granted.at = stands_at(in); // it may listen already
  if (pending_ && pending_->grant(message.asked, std::move(granted)))
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
  const bool first = done->what() == pending_request::purpose::first_room;
  if (first || done->what() == pending_request::purpose::default_room)
    greet(granted.empty() ? pending_request::place{} : granted.front());
  // One request that failed, of however many names. The client has not asked for the default room.
  if (done->what() != pending_request::purpose::default_room && !done->refused().empty())
    outlet_.metrics().errors.add(done->refused().front().code);
  const auto said = answer_to(*done, granted);
  const frame_ptr answer = said ? framed(*said, outbox_.speaks()) : nullptr;
  if (outbox_.held())
    outbox_.release(answer ? frame_ref{answer} : frame_ref{});
  else
    push(answer);
  if (first && granted.empty()) {
    const auto& why = done->refused().front();
    hang_up(close_code::try_again_later, why.message, why.retry_after);
  }
  outlet_.pump_later(*this); // there may be more to read
}

// -- out ---------------------------------------------------------------------------------------------

void connection::receive(client::leave& frame, request_id& id) {
  const audience* const room = find_audience(audience_kind::room, frame.room);
  if (!room)
    return fail(error{errc::not_in_room}.about(audience_kind::room, frame.room), id);
  leave_audience(room->id);
  tell(events::left{.room = std::move(frame.room), .id = std::move(id)});
}

void connection::receive(client::unsubscribe& frame, request_id& id) {
  charge_reading(frame.topics.size());
  for (const auto& topic : frame.topics)
    if (has_wildcard(topic))
      leave_pattern(topic);
    else if (const audience* const known = find_audience(audience_kind::topic, topic))
      leave_audience(known->id);
  const auto channel = frame.by_channel && !frame.topics.empty() ? frame.topics.front() : "";
  tell(events::unsubscribed{std::move(frame.topics), channel, std::move(id)});
}

bool connection::leave_audience(audience_id id) {
  auto had = outlet_.listeners().leave(*this, id);
  if (!had)
    return false;
  if (by_pattern_)
    outlet_.patterns().look_again(id);
  std::visit(
    [&](const auto& host) {
      caf::anon_send(host, troupe::leave{had->kind, std::move(had->name), id_, had->asked});
    },
    had->host);
  return true;
}

connections_described::one connection::described() const {
  connections_described::one out{id_, bearer(),       who() ? std::string() : user_, address(), {},
                                 {},  waiting_bytes()};
  for (std::size_t i = 0; i < audience_count(); ++i) {
    const audience& each = audience_at(i);
    (each.kind == audience_kind::room ? out.rooms : out.topics).push_back(each.name);
  }
  if (by_pattern_)
    for (auto& pattern : outlet_.patterns().of(*this))
      out.topics.push_back(std::move(pattern));
  return out;
}

void connection::leave_all() {
  leave_patterns();
  while (audience_count() > 0)
    leave_audience(audience_at(audience_count() - 1).id);
}

void connection::drop_what_is_not_allowed() {
  drop_patterns_not_allowed();
  for (std::size_t i = audience_count(); i-- > 0;) {
    const auto kind = audience_at(i).kind;
    const bool room = kind == audience_kind::room;
    const std::string name = audience_at(i).name;
    const auto needed = room ? action::join : action::subscribe;
    if (may(needed, name))
      continue;
    leave_audience(audience_at(i).id);
    tell(room ? server_event(events::left{.room = name}) : events::unsubscribed{{name}, {}, {}});
    forbid(needed, kind, name, {});
  }
}

} // namespace troupe
