// Signals: what a client tells the others, and nobody keeps.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/names.hpp"

#include <caf/send.hpp>

namespace troupe {

// Signals have a rate of their own. One beyond it takes a message, so that who goes on regardless
// is closed in the end.
bool connection::affords_signal(const request_id& id) {
  const auto& bounds = context_.live().bounds;
  if (!session_)
    session_ = std::make_unique<session>();
  const auto wait = session_->signal_budget().take(
    rate::per_minute(bounds.signals_per_minute, bounds.signals_burst), loop().now());
  if (wait == gcra::duration::zero())
    return true;
  outlet_.metrics().signals_dropped.add(signal_drop::rate_limited);
  if (!spend(&id))
    return false;
  error why{errc::rate_limited, "Too many signals"};
  why.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  fail(why, id);
  return false;
}

void connection::receive(client::signal& frame, request_id& id) {
  error why;
  const audience* const to =
    frame.kind == audience_kind::room ? room_of(frame.name, why) : topic_of(frame.name, why);
  if (!to) {
    outlet_.metrics().dropped.add(drop_reason::refused);
    return fail(why, id);
  }
  const auto most = context_.live().bounds.signal_bytes_max;
  if (frame.data.size() > most) {
    outlet_.metrics().dropped.add(drop_reason::refused);
    return fail(
      error{errc::limit_exceeded, "At most " + std::to_string(most) + " bytes a signal"}.about(
        to->kind, to->name),
      id);
  }
  if (!may_say(to->kind, to->name, frame.data, id))
    return;
  if (who()) // a token's name is not the client's to change
    frame.user = who()->username;
  else if (!may_be_called(frame.user, id))
    return;
  if (frame.user.empty() && to->kind == audience_kind::topic) // a room knows its members' names
    frame.user = user_.empty() ? std::string(anonymous_name) : user_;
  outlet_.metrics().signals.add();
  signal message{{to->kind, to->name, id_, std::move(frame.user), std::string(frame.data),
                  std::move(id), bearer(), public_id()},
                 take_credit()};
  std::visit([&](const auto& host) { caf::anon_send(host, std::move(message)); }, to->host);
}

const audience* connection::topic_of(const std::string& name, error& why) const {
  const audience* const found = find_audience(audience_kind::topic, name);
  if (!found)
    why = error{errc::bad_request, "'signal' goes to a topic that you subscribe to"}.about(
      audience_kind::topic, name);
  return found;
}

} // namespace troupe
