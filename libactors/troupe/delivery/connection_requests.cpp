// What a client says, and what its connection makes of it.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/connection_pending.hpp"
#include "troupe/delivery/outlet.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

void connection::receive_text(std::string_view text) {
  auto frame = outbox_.speaks().decode(text, context_.live().bounds);
  if (!frame) {
    auto& [id, error] = frame.error();
    if (!spend(&id))
      return;
    outlet_.metrics().errors.add(error.code);
    tell(events::refusal(error, id));
    if (++bad_frames_ >= context_.live().bounds.bad_frames)
      hang_up(close_code::policy_violation, "Too many bad frames in a row");
    return;
  }
  bad_frames_ = 0;
  if (!affords(*frame))
    return;
  std::visit([&](auto& body) { receive(body, frame->id); }, frame->body);
}

void connection::receive(client::ping&, request_id& id) {
  tell(events::pong{context_.observers.now(), std::move(id)});
}

void connection::receive(client::message& frame, request_id& id) {
  error why;
  const audience* to = room_named(frame.room, why);
  if (!to) {
    outlet_.metrics().dropped.add(drop_reason::refused);
    return fail(why, id);
  }
  if (!may_say(to->name, frame.content, id))
    return;
  if (who()) // a token's name is not the client's to change
    frame.user = who()->username;
  caf::anon_send(std::get<room_actor>(to->host),
                 say{{to->name, id_, std::move(frame.user), std::string(frame.content),
                      std::move(id), session_ ? session_->who : nullptr, id_for_tap()},
                     take_credit()});
}

void connection::receive(client::publish& frame, request_id& id) {
  if (!may_say(frame.topic, frame.data, id))
    return;
  publish message{{std::move(frame.topic), std::move(frame.event), std::string(frame.data),
                   std::move(frame.msg_id), id_, std::move(id), for_tap(), id_for_tap()},
                  take_credit()};
  const auto seat = find_seat(audience_kind::topic, message.what.topic);
  if (seat == no_seat)
    caf::anon_send(context_.routes.directory, std::move(message));
  else
    caf::anon_send(std::get<topic_actor>(seats_[seat].where->host), std::move(message));
}

void connection::receive(client::subscribe& frame, request_id& id) {
  auto& topics = frame.topics;
  std::vector<std::string> once; // in the order of the request
  for (auto& topic : topics)
    if (std::find(once.begin(), once.end(), topic) == once.end())
      once.push_back(std::move(topic));
  std::vector<std::string> forbidden;
  std::erase_if(once, [&](std::string& topic) {
    const bool no = !may(action::subscribe, topic);
    if (no)
      forbidden.push_back(std::move(topic));
    return no;
  });
  const auto fresh = std::count_if(once.begin(), once.end(), [this](const auto& topic) {
    return find_seat(audience_kind::topic, topic) == no_seat;
  });
  const auto most = context_.live().bounds.topics_per_connection_max;
  if (seats_of(audience_kind::topic) + static_cast<std::size_t>(fresh) > most)
    return fail({errc::limit_exceeded, "At most " + std::to_string(most) + " topics a connection"},
                id);
  auto& wait = wait_for(request_kind::subscribe, once, id);
  wait.by_channel = frame.by_channel;
  wait.answers_left = static_cast<std::size_t>(fresh);
  for (const auto& topic : forbidden)
    wait.refused.push_back(topics.size() > 1 ? error{errc::insufficient_permissions,
                                                     topic + ": Insufficient permissions"}
                                             : error{errc::insufficient_permissions});
  // Several topics answer one after the other; what the first ones already send must not overtake
  // the answer to the client.
  if (once.size() > 1)
    outbox_.hold();
  for (auto& place : wait.places)
    if (const auto seat = find_seat(audience_kind::topic, place.name); seat != no_seat)
      place.at = seats_[seat].where->at; // it listens already
    else
      ask(audience_kind::topic, place.name);
  if (fresh == 0)
    settle();
}

void connection::receive(client::unsubscribe& frame, request_id& id) {
  for (const auto& topic : frame.topics)
    if (const auto seat = find_seat(audience_kind::topic, topic); seat != no_seat)
      give_up(seat);
  const auto channel = frame.by_channel && !frame.topics.empty() ? frame.topics.front() : "";
  tell(events::unsubscribed{std::move(frame.topics), channel, std::move(id)});
}

void connection::receive(client::join& frame, request_id& id) {
  if (!may(action::join, frame.room))
    return fail(error{errc::insufficient_permissions}, id);
  if (who()) // a token's name is not the client's to change
    frame.user.clear();
  const auto most = context_.live().bounds.rooms_per_connection_max;
  if (find_seat(audience_kind::room, frame.room) == no_seat &&
      seats_of(audience_kind::room) >= most)
    return fail({errc::limit_exceeded, "At most " + std::to_string(most) + " rooms a connection"},
                id);
  wait_for(request_kind::join, {frame.room}, id);
  ask(audience_kind::room, frame.room, std::move(frame.user));
}

void connection::receive(client::leave& frame, request_id& id) {
  const auto seat = find_seat(audience_kind::room, frame.room);
  if (seat == no_seat)
    return fail(error{errc::not_in_room}, id);
  give_up(seat);
  tell(events::left{std::move(frame.room), std::move(id)});
}

void connection::fail(const error& why, const request_id& id) {
  outlet_.metrics().errors.add(why.code);
  tell(events::refusal(why, id));
}

} // namespace troupe
