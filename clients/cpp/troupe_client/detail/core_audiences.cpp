// Rooms and topics: entered when somebody listens, again on each new connection, and left a little
// after the last has gone.
#include "troupe_client/detail/core.hpp"
#include "troupe_client/detail/members.hpp"
#include "troupe_client/detail/portions.hpp"

#include <algorithm>

namespace troupe_client::detail {

namespace {

bool valid(const audience_key& key) {
  return key.kind == audience_kind::pattern ? valid_pattern(key.name) : valid_name(key.name);
}

// The second: somebody came who wants to be told who is there.
bool to_be_asked(const audience& who) {
  if (who.retry.is_set() || who.hearers.empty() || who.is == audience::stage::asked)
    return false;
  if (who.inbox && !who.presence)
    return false; // the server does it, unasked
  return who.is == audience::stage::out || (who.presence && !who.presence_asked);
}

// It is asked again on the next connection.
bool is_lost(const result<frame_ptr>& answer) {
  return !answer && answer.error().code == errc::connection_lost;
}

// Is it worth asking again?
bool passes_over(const failure& why) {
  return why.code == errc::rate_limited || why.code == errc::unavailable ||
         why.code == errc::timeout || why.code == errc::internal;
}

} // namespace

void core::listen(const audience_key& to, bool presence, const hearer_ptr& by) {
  const auto refuse = [&by](failure why) {
    by->alive = false;
    by->ended = why;
    for (const auto& each : std::exchange(by->waiting, {}))
      each(why);
  };
  if (closing_)
    return refuse({errc::closed, "the client has ended"});
  if (!valid(to))
    return refuse({errc::invalid_name, "not a name: " + to.name});
  auto here = audiences_.find(to);
  if (!here) {
    here = std::make_shared<audience>(to, on_, pending_alarms_);
    audiences_.add(here);
  }
  here->leaving.cancel();
  here->hearers.push_back(by);
  by->of = here;
  here->presence = here->presence || presence;
  if (here->is == audience::stage::in)
    for (const auto& each : std::exchange(by->waiting, {}))
      each(here->at.at());
  if (to_be_asked(*here)) {
    enter_wanted_ = true;
    flush_later();
  }
}

void core::leave(const hearer_ptr& by) {
  by->alive = false;
  for (const auto& each : std::exchange(by->waiting, {}))
    each(failure(errc::aborted, "left before it was confirmed"));
  const auto here = by->of.lock();
  if (!here || std::erase(here->hearers, by) == 0 || !here->hearers.empty() || closing_)
    return;
  here->leaving.set(
    options_.leave,
    [this, weak = std::weak_ptr(here)] {
      const auto gone = weak.lock();
      if (!gone || gone->inbox)
        return;
      if (open_ && gone->is != audience::stage::out) {
        departing_.push_back(gone->key);
        flush_later();
      }
      audiences_.erase(*gone);
    },
    shared_from_this());
}

void core::everybody_out() {
  departing_.clear();
  for (const auto& each : audiences_.all()) {
    each->is = audience::stage::out;
    each->presence_asked = false;
    each->retry.cancel();
  }
}

void core::leave_all() {
  std::vector<wanted_topic> topics;
  for (auto& each : std::exchange(departing_, {}))
    if (each.kind == audience_kind::room)
      send_control({{"type", "leave"}, {"room", each.name}}, [](const result<frame_ptr>&) {});
    else
      topics.push_back({.name = std::move(each.name)});
  for (auto& each : portions_of(topics)) {
    each.request["type"] = "unsubscribe";
    send_control(std::move(each.request), [](const result<frame_ptr>&) {});
  }
}

void core::enter_all() {
  if (!std::exchange(enter_wanted_, false))
    return;
  std::vector<audience_ptr> topics;
  for (const auto& each : audiences_.all()) {
    if (!to_be_asked(*each))
      continue;
    each->presence_asked = each->presence;
    if (each->is == audience::stage::out)
      each->is = audience::stage::asked;
    if (each->key.kind == audience_kind::room)
      enter_room(each);
    else
      topics.push_back(each);
  }
  subscribe(topics);
}

void core::enter_room(const audience_ptr& room) {
  json content{{"type", "join"}, {"room", room->key.name}};
  if (room->presence)
    content["presence"] = true;
  if (room->at.recoverable() && room->is != audience::stage::in)
    content["recover"] = {{"epoch", room->at.at().epoch}, {"offset", room->at.at().offset}};
  send_control(std::move(content),
               [this, weak = std::weak_ptr(room)](const result<frame_ptr>& answer) {
                 const auto here = weak.lock();
                 if (!here || closing_ || is_lost(answer) || audiences_.find(here->key) != here)
                   return;
                 if (answer)
                   confirm(*here, (*answer)->content);
                 else
                   refused(*here, answer.error());
               });
}

void core::subscribe(const std::vector<audience_ptr>& topics) {
  std::vector<wanted_topic> wanted;
  std::map<std::string, std::weak_ptr<audience>> by_name;
  for (const auto& each : topics) {
    const bool recover = each->key.kind == audience_kind::topic && each->at.recoverable() &&
                         each->is != audience::stage::in;
    wanted.push_back({.name = each->key.name,
                      .presence = each->presence && each->key.kind == audience_kind::topic,
                      .recover = recover ? std::optional(each->at.at()) : std::nullopt});
    by_name[each->key.name] = each;
  }
  for (auto& part : portions_of(wanted)) {
    std::vector<std::weak_ptr<audience>> asked;
    for (const auto& name : part.names)
      asked.push_back(by_name[name]);
    send_control(std::move(part.request), [this, asked](const result<frame_ptr>& answer) {
      if (closing_ || is_lost(answer))
        return;
      const json told = answer ? (*answer)->content : json::object();
      const auto positions = told.value("positions", json::object());
      for (const auto& weak : asked) {
        const auto here = weak.lock();
        if (!here || audiences_.find(here->key) != here)
          continue;
        if (!answer) {
          refused(*here, answer.error());
          continue;
        }
        if (const auto where = positions.find(here->key.name); where != positions.end()) {
          confirm(*here, *where);
          continue;
        }
        failure why(errc::other, "the server has not said why");
        for (const auto& refusal : told.value("refused", json::array()))
          if (text_in(refusal, "topic") == here->key.name)
            why = failure_in(refusal);
        refused(*here, why);
      }
    });
  }
}

// The server knows that it is listened to. `recovered` leaves the position where it was: what was
// missed follows.
void core::confirm(audience& who, const json& where) {
  const bool recovered = flag_in(where, "recovered");
  const bool back = who.is != audience::stage::in && who.confirmed;
  who.is = audience::stage::in;
  who.confirmed = true;
  if (where.contains("epoch"))
    who.at.stand(position_in(where));
  const auto keep = who.shared_from_this();
  const auto hearers = who.hearers;
  for (const auto& each : hearers) {
    for (const auto& waiting : std::exchange(each->waiting, {}))
      waiting(who.at.at());
    if (back && each->alive)
      call(each->calls.position, standing{recovered, who.at.at()});
  }
}

// The first time that is an answer to who listens. Later it may be for a moment only.
void core::refused(audience& who, const failure& why) {
  constexpr milliseconds a_while{1'000};
  who.is = audience::stage::out;
  if (!who.confirmed || !passes_over(why) || closing_)
    return end(who, why);
  // What is asked meanwhile by somebody new waits for the same.
  who.retry.set(
    std::max(why.retry_after, a_while),
    [this] {
      enter_wanted_ = true;
      flush_later();
    },
    shared_from_this());
}

void core::end(audience& who, const failure& why) {
  const auto keep = who.shared_from_this();
  who.leaving.cancel();
  who.retry.cancel();
  audiences_.erase(who);
  for (const auto& each : std::exchange(who.hearers, {})) {
    const bool was_confirmed = each->waiting.empty();
    each->ended = why;
    for (const auto& waiting : std::exchange(each->waiting, {}))
      waiting(why);
    if (std::exchange(each->alive, false) && was_confirmed)
      call(each->calls.ended, why);
  }
}

} // namespace troupe_client::detail
