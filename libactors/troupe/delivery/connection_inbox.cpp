// A user's inbox: the topic to which each connection with a token is subscribed from the start.
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/inbox.hpp"

namespace troupe {

// Of its user; empty where there is none, or it may not subscribe to it.
std::string connection::inbox() const {
  const auto& pattern = context_.settings.inbox;
  if (pattern.empty())
    return {};
  auto topic = inbox_of(pattern, who()->user_id);
  return may(action::subscribe, topic) ? topic : std::string{};
}

// As if its client had subscribed, and was the first to say something.
void connection::enter_inbox() {
  const auto topic = inbox();
  if (topic.empty() || hears(topic))
    return;
  pending_ = std::make_unique<pending_request>(pending_request::purpose::inbox, std::vector{topic});
  begin_waiting();
  ask(audience_kind::topic, topic, session_->take_seen_of_inbox(), {});
}

} // namespace troupe
