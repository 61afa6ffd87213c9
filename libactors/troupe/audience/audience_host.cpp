#include "troupe/audience/audience_host.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

idle_watch::duration patience(const limits& bounds, audience_kind kind) {
  return kind == audience_kind::room ? bounds.room_idle_timeout : bounds.topic_idle_timeout;
}

} // namespace

audience_host::audience_host(const server_context& server, audience_kind kind, std::string name,
                             audience_id audience, const caf::actor_clock& clock, set_timer timer)
  : server_(server),
    kind_(kind),
    name_(std::move(name)),
    audience_(audience),
    sequence_(server.settings.epoch + "-" + std::to_string(static_cast<std::uint64_t>(audience))),
    idle_(patience(server.live().bounds, kind)),
    clock_(clock),
    set_timer_(std::move(timer)) {}

// -- in and out --------------------------------------------------------------------------------------

std::optional<std::uint64_t> audience_host::answered_by(const caf::error& failure) {
  const auto& said = failure.context();
  if (!said.match_elements<std::uint64_t>())
    return std::nullopt;
  return said.get_as<std::uint64_t>(0);
}

void audience_host::enroll(const admit& request, host_actor host, bool anew) {
  const auto& routes = server_.routes;
  answered_ = admitted_;
  closed_ = false;
  if (anew)
    listeners_.add(routes.child_number(request.connection));
  caf::anon_send(routes.child_of(request.connection),
                 troupe::enroll{audience_, kind_, name_, std::move(host), request.connection, at(),
                                request.asked});
}

void audience_host::refuse_entry(const admit& request, error why) {
  answered_ = admitted_;
  caf::anon_send(server_.routes.child_of(request.connection),
                 refuse{kind_, name_, request.connection, request.asked, std::move(why)});
  if (empty())
    report_idle(!closed_);
}

void audience_host::on_out(connection_id connection) {
  listeners_.remove(server_.routes.child_number(connection));
  watch_emptiness();
}

void audience_host::watch_emptiness() {
  if (!empty())
    return;
  const bool blank = kind_ == audience_kind::topic && at().offset == 0;
  if (blank || closed_)
    return report_idle();
  report_idle(true);
  touch();
}

void audience_host::close() {
  closed_ = true;
  report_idle();
}

void audience_host::expel(connection_id connection, event_ptr last) {
  listeners_.remove(server_.routes.child_number(connection));
  caf::anon_send(server_.routes.child_of(connection),
                 troupe::expel{audience_, connection, std::move(last)});
}

// -- what is said ------------------------------------------------------------------------------------

// The namespace is looked for once: settings that replace others are never in the same place.
result<> audience_host::spend() {
  if (const auto& live = server_.live(); rate_from_ != &live) {
    rate_from_ = &live;
    const auto* const where = live.access.of(name_);
    const std::uint32_t count = where ? where->messages_per_minute : 0;
    constexpr std::uint32_t parts_of_a_minute = 10;
    rate_ = rate::per_minute(count, std::max(1u, count / parts_of_a_minute));
  }
  if (rate_.unlimited()) // nearly always, and then nobody asks for the time
    return {};
  const auto wait = spent_.take(rate_, clock_.now());
  if (wait == gcra::duration::zero())
    return {};
  error why{errc::rate_limited, kind_ == audience_kind::room ? "Too many messages in this room"
                                                             : "Too many messages on this topic"};
  why.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  return fail(std::move(why).about(kind_, name_));
}

void audience_host::deliver(const encoded_event& what, const origin& from) const {
  notify(what, no_connection, from);
  if (taps(from))
    tell_tap(kind_ == audience_kind::room ? tapped_event::kind::message
                                          : tapped_event::kind::publication,
             what.frame->payload(), from);
}

// One message to each child that has listeners.
void audience_host::notify(const encoded_event& what, connection_id except,
                           const origin& from) const {
  const credit none;
  const credit& held = from.credit ? *from.credit : none;
  const auto since = held.since() == credit::time_point{} ? metrics_clock::now() : held.since();
  listeners_.for_each([&](std::uint32_t child) {
    caf::anon_send(server_.routes.child(child),
                   broadcast{audience_, what, except, held, at().offset, since});
  });
}

void audience_host::send_one(connection_id to, server_event what) const {
  caf::anon_send(server_.routes.child_of(to), unicast{to, share(std::move(what))});
}

void audience_host::on_bridged() const {
  if (empty())
    server_.metrics.bridge.unheard.add();
}

void audience_host::tell_tap(tapped_event::kind what, std::string_view frame,
                             const origin& from) const {
  server_.observers.tap(
    {what, name_, frame, from.connection, from.who, from.credit ? *from.credit : troupe::credit{}});
}

// -- idleness ----------------------------------------------------------------------------------------

void audience_host::touch() {
  if (!empty())
    return;
  if (const auto time = idle_.touch(clock_.now()); time > time.zero())
    set_timer_(time, idle_timer);
}

bool audience_host::on_tick(std::uint64_t timer) {
  if (timer != idle_timer)
    return false;
  if (!empty()) {
    idle_.stop();
  } else if (const auto left = idle_.fired(clock_.now()); left > left.zero()) {
    set_timer_(left, idle_timer);
  } else {
    report_idle();
    touch();
  }
  return true;
}

void audience_host::report_idle(bool spare) const {
  caf::anon_send(server_.routes.directory, idle{kind_, name_, audience_, admitted_, spare});
}

} // namespace troupe
