#include "troupe/audience/audience_host.hpp"

#include "troupe/audience/history_page.hpp"
#include "troupe/audience/presence.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe {

namespace {

idle_watch::duration patience(const limits& bounds, audience_kind kind) {
  return kind == audience_kind::room ? bounds.room_idle_timeout : bounds.topic_idle_timeout;
}

} // namespace

audience_host::audience_host(const server_context& server, founding from,
                             const caf::actor_clock& clock, set_timer timer)
  : server_(server),
    from_(std::move(from)),
    kind_(from_.kind),
    audience_(from_.audience),
    records_(*server.routes.records[server.routes.home_of(kind_, from_.name)]),
    patterns_(server.routes.patterns_at_home_of(from_.name)),
    idle_(patience(server.live().bounds, kind_)),
    clock_(clock),
    set_timer_(std::move(timer)) {}

audience_host::~audience_host() = default;

void audience_host::begin() {
  const auto number = server_.settings.seam.new_epoch
                        ? std::to_string(static_cast<std::uint64_t>(audience_))
                        : "same";
  record_ = &records_.open(kind_, name(), server_.settings.epoch + "-" + number, from_.made_for,
                           server_.live().bounds);
  if (kind_ == audience_kind::topic) // a room knows its members, and may begin later
    keep_presence();
}

void audience_host::end() {
  if (!record_)
    return;
  read_settings();
  closed_ ? records_.forget(*record_) : records_.close(*record_);
  record_ = nullptr;
}

// The namespace is looked for once: settings that replace others are never in the same place.
void audience_host::read_settings() {
  const auto& live = server_.live();
  if (settings_ == &live)
    return;
  settings_ = &live;
  const auto* const where = live.access.of(name());
  const std::uint32_t count = where ? where->messages_per_minute : 0;
  constexpr std::uint32_t parts_of_a_minute = 10;
  rate_ = rate::per_minute(count, std::max(1u, count / parts_of_a_minute));
  const auto keeps = live.history_of(kind_, where);
  record_->keeps = {keeps.messages, keeps.bytes, keeps.age};
  greet_ = where ? where->greet : 0;
  presence_rule_ = live.presence_of(kind_, where);
}

bool audience_host::keeps_history() {
  read_settings();
  return record_->keeps.messages > 0;
}

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
  troupe::enroll in{audience_,          kind_, name(),       std::move(host),
                    request.connection, at(),  request.asked};
  if (request.since)
    in.resumed = resume(*request.since, anew);
  const bool newcomer = anew && !(in.resumed && in.resumed->recovered());
  caf::anon_send(routes.child_of(request.connection), std::move(in));
  read_settings();
  if (newcomer && greet_ > 0)
    greet(request.connection, greet_);
}

// Who is here already has missed nothing that it was sent.
resumption audience_host::resume(const position& since, bool anew) {
  const auto& rules = server_.settings.seam;
  const bool same = since.epoch == at().epoch || !rules.same_epoch;
  if (!same || (!anew && since.offset != at().offset && rules.once_each))
    return {};
  read_settings();
  record_->said.trim(record_->keeps, clock_.now());
  return {record_->said.behind(since.offset, at().offset, server_.live().bounds.history_recover_max,
                               rules)};
}

void audience_host::greet(connection_id newcomer, std::uint32_t count) {
  auto last = history_of(*record_, {.most = count, .bytes_max = history_page_bytes}, clock_.now());
  send_one(newcomer, std::move(last));
}

const recent_ids::place* audience_host::said_before(const std::string& msg_id) const {
  return msg_id.empty() ? nullptr : record_->ids.find(msg_id, clock_.now());
}

void audience_host::remember(std::string msg_id, recent_ids::place got) {
  if (!msg_id.empty())
    records_.remember(*record_, std::move(msg_id), got, server_.live().bounds);
}

result<> audience_host::remember(std::string_view json) {
  const auto& bounds = server_.live().bounds;
  if (json.size() > bounds.remembered_bytes_max)
    return fail(errc::limit_exceeded,
                "A room may remember " + std::to_string(bounds.remembered_bytes_max) + " bytes");
  if (keeps_history())
    records_.remember(*record_, json, bounds);
  return {};
}

void audience_host::refuse_entry(const admit& request, error why) {
  answered_ = admitted_;
  caf::anon_send(server_.routes.child_of(request.connection),
                 refuse{kind_, name(), request.connection, request.asked, std::move(why)});
  if (empty())
    report_idle(!closed_);
}

void audience_host::on_out(connection_id connection) {
  if (presence_)
    presence_->leave(connection, true);
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
  if (presence_)
    presence_->leave(connection, false);
  listeners_.remove(server_.routes.child_number(connection));
  caf::anon_send(server_.routes.child_of(connection),
                 troupe::expel{audience_, connection, std::move(last)});
}

// -- what is said ------------------------------------------------------------------------------------

result<> audience_host::spend() {
  read_settings();
  if (rate_.unlimited()) // nearly always, and then nobody asks for the time
    return {};
  const auto wait = spent_.take(rate_, clock_.now());
  if (wait == gcra::duration::zero())
    return {};
  error why{errc::rate_limited, kind_ == audience_kind::room ? "Too many messages in this room"
                                                             : "Too many messages on this topic"};
  why.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  return fail(std::move(why).about(kind_, name()));
}

void audience_host::on_bridged() {
  if (heard_by_pattern())
    return touch();
  if (empty() && !keeps_history())
    server_.metrics.bridge.unheard.add();
}

// -- idleness ----------------------------------------------------------------------------------------

void audience_host::touch() {
  if (!empty())
    return;
  if (const auto time = idle_.touch(clock_.now()); time > time.zero())
    set_timer_(time, idle_timer);
}

bool audience_host::on_tick(std::uint64_t timer) {
  if (timer >= presence::first_timer) {
    if (presence_)
      presence_->on_timer(timer);
    return true;
  }
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
  caf::anon_send(server_.routes.directory, idle{kind_, name(), audience_, admitted_, spare});
}

} // namespace troupe
