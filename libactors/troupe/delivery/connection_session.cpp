// Who a connection is by its token, and what it may do because of that.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"

#include <caf/send.hpp>

namespace troupe {

// The clock of the token is the wall's, that of deadlines is not: the difference is taken once.
void connection::adopt(identity_ptr who) {
  if (!session_)
    session_ = std::make_unique<session>();
  session_->expires = timer_wheel::time_point::max();
  // A token may claim to be good until a year that no clock reaches.
  constexpr std::chrono::hours far{24 * 365 * 10};
  if (who->expires && *who->expires - context_.observers.now() < far)
    session_->expires =
      loop().now() + (*who->expires - context_.observers.now()) + context_.settings.expiry_grace;
  user_ = who->username;
  session_->who = std::move(who);
}

void connection::receive(client::refresh& frame, request_id& id) {
  if (!context_.settings.verify)
    return fail({errc::bad_request, "This server knows no tokens"}, id);
  auto fresh = context_.settings.verify(frame.token);
  if (!fresh)
    return fail({errc::bad_request, "'token' is not valid"}, id);
  if (who() && who()->user_id != (*fresh)->user_id)
    return fail({errc::bad_request, "'token' is another user's"}, id);
  if (context_.denied(**fresh))
    return hang_up(close_code::kicked, default_reason(close_code::kicked));
  const bool known = who() != nullptr;
  adopt(std::move(*fresh));
  if (known)
    caf::anon_send(context_.routes.users, changed{id_, session_->who});
  else
    caf::anon_send(context_.routes.users, arrived{id_, session_->who});
  arm_next(loop().now());
  drop_what_is_not_allowed();
  tell(events::authenticated{session_->who, std::move(id)});
}

void connection::drop_what_is_not_allowed() {
  for (std::size_t seat = seats_.size(); seat-- > 0;) {
    const audience& where = *seats_[seat].where;
    const bool room = where.kind == audience_kind::room;
    if (may(room ? action::join : action::subscribe, where.name))
      continue;
    const std::string name = where.name;
    give_up(seat);
    tell(room ? server_event(events::left{name, {}}) : events::unsubscribed{{name}, {}, {}});
    fail({errc::insufficient_permissions, name + ": Insufficient permissions"}, {});
  }
}

bool connection::may_say(std::string_view name, std::string_view content, const request_id& id) {
  if (!may(action::publish, name)) {
    outlet_.metrics().dropped.add(drop_reason::refused);
    fail(error{errc::insufficient_permissions}, id);
    return false;
  }
  const namespace_rule* const where = context_.live().access.of(name);
  if (!where || where->message_bytes_max == 0 || content.size() <= where->message_bytes_max)
    return true;
  outlet_.metrics().dropped.add(drop_reason::refused);
  fail({errc::limit_exceeded,
        "At most " + std::to_string(where->message_bytes_max) + " bytes a message here"},
       id);
  return false;
}

} // namespace troupe
