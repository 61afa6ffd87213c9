// How a room or topic sends what it says: to all listeners, to some, to one, and to the tap.
#include "troupe/audience/audience_host.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

delivery audience_host::as_asked(const delivery_options& options, connection_id sender) const {
  delivery out{.role = options.role};
  if (options.except_me)
    out.except = sender;
  if (options.ttl.count() > 0)
    out.until = clock_.now() + options.ttl;
  return out;
}

void audience_host::tell_some(server_event what, const delivery& how, const origin& from) {
  if (!empty() || heard_by_pattern() || taps(from))
    deliver(encode(std::move(what)), how, from);
}

void audience_host::deliver(const encoded_event& what, const delivery& how, const origin& from) {
  heard_by_pattern() ? tell_all(what, how, from) : notify(what, how, from);
  if (taps(from))
    tell_tap(kind_ == audience_kind::room ? tapped_event::kind::message
                                          : tapped_event::kind::publication,
             what.frame->payload(), from);
}

void audience_host::tell(std::uint32_t child, const encoded_event& what, const delivery& how,
                         const origin& from, bool by_pattern) const {
  const credit none;
  const credit& held = from.credit ? *from.credit : none;
  const auto since = held.since() == credit::time_point{} ? metrics_clock::now() : held.since();
  caf::anon_send(server_.routes.child(child),
                 broadcast{audience_, what, how, held, at().offset, since, by_pattern});
}

// One message to each child that has listeners.
void audience_host::notify(const encoded_event& what, const delivery& how,
                           const origin& from) const {
  listeners_.for_each([&](std::uint32_t child) { tell(child, what, how, from, false); });
}

// The same where some listen by a pattern: to each child that has either.
void audience_host::tell_all(const encoded_event& what, const delivery& how, const origin& from) {
  const auto& others = by_pattern_.of(patterns_, name());
  for (std::uint32_t child = 0; child < server_.routes.child_count(); ++child) {
    const bool by_pattern = std::ranges::find(others, child) != others.end();
    if (by_pattern || listeners_.of(child) > 0)
      tell(child, what, how, from, by_pattern);
  }
}

void audience_host::pass_on(const passing& what, std::string_view user,
                            const troupe::credit& held) const {
  if (listeners() <= 1) // nobody but its sender
    return;
  events::signal out{.data = what.content,
                     .user = std::string(user),
                     .user_id = what.who ? what.who->user_id : std::string(),
                     .from = what.from,
                     .timestamp = server_.observers.now()};
  (kind_ == audience_kind::room ? out.room : out.topic) = name();
  notify(encode(std::move(out)), {.except = what.connection, .passing = true}, {.credit = &held});
}

void audience_host::refuse_request(connection_id to, const error& why, const request_id& id) const {
  server_.metrics.refused(why.code);
  send_one(to, events::refusal(error(why).about(kind_, name()), id));
}

void audience_host::send_one(connection_id to, event_ptr what) const {
  caf::anon_send(server_.routes.child_of(to), unicast{to, std::move(what)});
}

void audience_host::tell_tap(tapped_event::kind what, std::string_view frame,
                             const origin& from) const {
  server_.observers.tap({what, name(), frame, from.connection, from.who,
                         from.credit ? *from.credit : troupe::credit{}});
}

} // namespace troupe
