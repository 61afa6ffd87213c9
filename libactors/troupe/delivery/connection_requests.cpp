// What a client says, and what its connection makes of it.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/msg_id.hpp"
#include "troupe/wire/names.hpp"

#include <caf/send.hpp>

namespace troupe {

void connection::receive_text(std::string_view text) {
  charge_reading(1);
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

bool connection::affords(const client_frame& frame) {
  if (std::holds_alternative<client::signal>(frame.body))
    return affords_signal(frame.id);
  // A pong is charged as pongs are.
  if (std::holds_alternative<client::pong>(frame.body) || spend(&frame.id))
    return true;
  if (std::holds_alternative<client::message>(frame.body) ||
      std::holds_alternative<client::publish>(frame.body))
    outlet_.metrics().dropped.add(drop_reason::refused);
  return false;
}

// It answers a ping of ours, and nobody can help sending it. More than were asked for are charged.
void connection::receive_pong() {
  if (pongs_free_ > 0)
    --pongs_free_;
  else
    spend(nullptr);
}

bool connection::spend(const request_id* asked) {
  const auto& bounds = context_.live().bounds;
  const auto wait =
    budget_.take(bounds, session_ ? session_->user_budget() : nullptr, loop().now());
  if (wait == gcra::duration::zero())
    return true;
  error why{errc::rate_limited};
  why.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  if (asked)
    fail(why, *asked);
  if (budget_.kept_up(bounds))
    hang_up(close_code::rate_kept_up, default_reason(close_code::rate_kept_up), why.retry_after);
  return false;
}

void connection::fail(const error& why, const request_id& id) {
  outlet_.metrics().errors.add(why.code);
  tell(events::refusal(why, id));
}

// A user's `msg_id`s are the same on all its connections; without a token they are those of all
// connections that brought the same session back.
std::string connection::own_id(std::string_view msg_id) const {
  if (msg_id.empty())
    return {};
  return senders_own(who() ? "u" + who()->user_id : "s" + std::to_string(sender()), msg_id);
}

credit connection::take_credit() {
  if (!credits_out_)
    credits_out_ = caf::make_counted<troupe::credits_out>();
  return credit{credits_out_, metrics_clock::now()};
}

// -- something to say --------------------------------------------------------------------------------

void connection::receive(client::ping&, request_id& id) {
  tell(events::pong{context_.observers.now(), std::move(id)});
}

void connection::receive(client::message& frame, request_id& id) {
  error why;
  const audience* to = room_of(frame.room, why);
  if (!to) {
    if (frame.to_topic && why.name.empty() && why.code == errc::not_in_room)
      why.message = "'message' goes to a room: use 'publish' for a topic";
    outlet_.metrics().dropped.add(drop_reason::refused);
    return fail(why, id);
  }
  if (!may_say(audience_kind::room, to->name, frame.content, id))
    return;
  if (who()) // a token's name is not the client's to change
    frame.user = who()->username;
  else if (!may_be_called(frame.user, id))
    return;
  caf::anon_send(std::get<room_actor>(to->host),
                 say{{to->name, id_, std::move(frame.user), std::string(frame.content),
                      std::move(id), own_id(frame.msg_id), std::move(frame.options)},
                     take_credit()});
}

void connection::receive(client::publish& frame, request_id& id) {
  if (!may_say(audience_kind::topic, frame.topic, frame.data, id))
    return;
  const auto& from_services = context_.live().from_services;
  if (from_services && !frame.event.empty() && from_services(frame.topic, frame.event)) {
    outlet_.metrics().dropped.add(drop_reason::refused);
    return fail(
      error{errc::bad_request, "'event' is a type that services bring to this topic"}.about(
        audience_kind::topic, std::move(frame.topic)),
      id);
  }
  publish message{{std::move(frame.topic), std::move(frame.event), std::string(frame.data),
                   own_id(frame.msg_id), id_, std::move(id), bearer(), public_id()},
                  take_credit()};
  message.what.options = std::move(frame.options);
  if (const audience* const to = find_audience(audience_kind::topic, message.what.topic))
    return caf::anon_send(std::get<topic_actor>(to->host), std::move(message));
  message.what.on = charged_to();
  charge_reading(read_pace::units_of_a_new_name);
  caf::anon_send(context_.routes.directory, std::move(message));
}

bool connection::may_say(audience_kind kind, const std::string& name, std::string_view content,
                         const request_id& id) {
  const auto refuse = [&](error why) {
    outlet_.metrics().dropped.add(drop_reason::refused);
    fail(std::move(why).about(kind, name), id);
    return false;
  };
  if (!may(action::publish, name))
    return refuse(context_.live().access.refusal(action::publish, name));
  const namespace_rule* const where = context_.live().access.of(name);
  if (!where || where->message_bytes_max == 0 || content.size() <= where->message_bytes_max)
    return true;
  return refuse({errc::limit_exceeded,
                 "At most " + std::to_string(where->message_bytes_max) + " bytes a message here"});
}

bool connection::may_be_called(std::string_view user, const request_id& id) {
  if (!is_taken(user, context_.live().reserved_names))
    return true;
  fail({errc::bad_request, std::string(taken_display_name)}, id);
  return false;
}

// The room of this name. Without a name the only one that it asked for; and if it asked for none,
// the one that all are in.
const audience* connection::room_of(const std::string& name, error& why) const {
  const audience* found = nullptr;
  const audience* by_default = nullptr;
  for (std::size_t i = 0; i < audience_count(); ++i) {
    const audience& each = audience_at(i);
    if (each.kind != audience_kind::room || (!name.empty() && each.name != name))
      continue;
    if (name.empty() && each.name == context_.settings.default_room) {
      by_default = &each;
      continue;
    }
    if (found) {
      why = {errc::bad_request, "'room' is required: this connection is in several rooms"};
      return nullptr;
    }
    found = &each;
  }
  if (found || by_default)
    return found ? found : by_default;
  if (!name.empty())
    why = error{errc::not_in_room}.about(audience_kind::room, name);
  else
    why = {errc::not_in_room, "Not in any room: 'join' one first, or connect to /chat/{room}"};
  return nullptr;
}

// -- of the server itself ----------------------------------------------------------------------------

void connection::adopt(identity_ptr who) {
  if (!session_)
    session_ = std::make_unique<session>();
  user_ = who->username;
  session_->adopt(std::move(who), context_.observers.now(), loop().now(),
                  context_.settings.expiry_grace);
}

void connection::tell_identity(request_id id) {
  tell(events::authenticated{bearer(), inbox(), who()->expires_in(context_.observers.now()),
                             std::move(id)});
}

void connection::receive(client::refresh& frame, request_id& id) {
  if (!context_.settings.verify)
    return fail({errc::bad_request, "This server knows no tokens"}, id);
  auto fresh = context_.settings.verify(frame.token);
  if (!fresh) {
    const auto& [why, expired] = fresh.error();
    context_.observers.refused("refused refresh", who() ? who()->user_id : "", why);
    return fail({errc::bad_request, expired ? "'token' has expired" : "'token' is not valid"}, id);
  }
  if (who() && who()->user_id != (*fresh)->user_id)
    return fail({errc::bad_request, "'token' is another user's"}, id);
  if (const auto denied = context_.denied(**fresh))
    return hang_up(close_code::kicked, reason_of(*denied));
  const bool known = who() != nullptr;
  // Whoever becomes a user here counts as if the token had been there from the beginning.
  std::optional<admission> among{std::in_place};
  if (!known && context_.settings.admit_user)
    among = context_.settings.admit_user((*fresh)->user_id, loop().now());
  if (!among)
    return fail({errc::limit_exceeded, "Too many connections of this user"}, id);
  adopt(std::move(*fresh));
  session_->counts_as_users(std::move(*among));
  if (known)
    caf::anon_send(context_.routes.users, changed{id_, bearer()});
  else
    become_users();
  arm_next(loop().now());
  drop_what_is_not_allowed();
  identify_where_it_is();
  tell_identity(std::move(id));
  if (!known)
    enter_inbox();
}

void connection::become_users() const {
  caf::anon_send(context_.routes.users, arrived{id_, bearer()});
  if (context_.observers.identified)
    context_.observers.identified(id_, *who(), address());
}

// Checked here, carried out by the users.
void connection::receive(client::admin_command& frame, request_id& id) {
  if (!who() || !who()->has_role("admin")) {
    if (who())
      context_.observers.refused("refused admin_command", who()->user_id, {});
    return fail(
      {errc::insufficient_permissions, "Insufficient permissions: the role 'admin' is needed"}, id);
  }
  if (!frame.what)
    return fail(frame.what.error(), id);
  caf::anon_send(
    context_.routes.users,
    admin_request{{*std::move(frame.what), who()->user_id}, id_, std::move(id), take_credit()});
}

// Read by who has it, whether it listens there or not.
void connection::receive(client::history& frame, request_id& id) {
  auto& asked = frame.asked;
  if (!may(action::history, asked.name))
    return forbid(action::history, asked.kind, asked.name, id);
  const auto& archive = context_.routes.archive_of(asked.kind, asked.name); // before it is moved
  caf::anon_send(archive, history_request{std::move(asked), id_, std::move(id), take_credit()});
}

// Checked against the list here, carried out by the caller.
void connection::receive(client::rpc& frame, request_id& id) {
  const rpc_rule* rule = context_.live().rpc.find(frame.service, frame.method, who());
  // Whoever may not call is not told whether there is anything to call.
  if (!rule)
    return fail(
      {errc::insufficient_permissions, "Insufficient permissions: this may not be called"}, id);
  if (!context_.routes.caller)
    return fail(error{errc::unavailable}, id);
  caf::anon_send(context_.routes.caller,
                 rpc_call{rule, std::move(frame.service), std::move(frame.method),
                          std::string(frame.params), bearer(), public_id(), id_, std::move(id),
                          take_credit(), charged_to()});
}

} // namespace troupe
