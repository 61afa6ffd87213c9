// The attempts of a client, what ends a connection, and what becomes of it then.
#include "troupe_client/detail/boot_clock.hpp"
#include "troupe_client/detail/core.hpp"
#include "troupe_client/detail/header_text.hpp"
#include "troupe_client/detail/members.hpp"

#include <algorithm>
#include <cstdio>

namespace troupe_client::detail {

namespace {

constexpr std::chrono::milliseconds goodbye_max{500};
constexpr std::int64_t close_code_max = 4999;
constexpr int too_big = 1009;

} // namespace

core::core(boost::asio::any_io_executor on, const std::string& url, options with, events tell)
  : on_(std::move(on)),
    to_(parse_endpoint(url)),
    options_(std::move(with)),
    tell_(std::move(tell)),
    tokens_(std::make_shared<token_desk>(options_.token, on_)),
    judge_(tokens_->has_provider()),
    delays_(options_.base, options_.max),
    token_delays_(options_.base, options_.max),
    next_attempt_(on_, pending_alarms_),
    patience_(on_, pending_alarms_),
    watch_(on_, pending_alarms_),
    token_(on_, pending_alarms_),
    deadline_(on_, pending_alarms_) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(random_()));
  msg_id_prefix_ = digits;
}

core::~core() {
  if (wire_)
    wire_->abandon();
}

void core::start() {
  if (closing_)
    return;
  if (!to_)
    return finish(0, "the URL must be ws://HOST[:PORT][/PATH] or wss://");
  if (to_->port_number() == 0)
    return finish(0, "the port in the URL must be 1 to 65535");
  if (!fits_header(options_.token.fixed))
    return finish(0, "the token has blanks or other characters that no token has");
  if (to_->tls && !options_.tls)
    options_.tls = trusting_context();
  if (!to_->tls)
    options_.tls.reset();
  tokens_->on_stop([weak = weak_from_this()](std::string why) {
    if (const auto self = weak.lock())
      self->finish(0, std::move(why));
  });
  attempt();
}

double core::random() {
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

void core::set_state(state to) {
  state_ = std::move(to);
  call(tell_.state, state_);
}

void core::attempt() {
  set_state({.is = phase::connecting});
  if (closing_)
    return;
  if (renew_at_ != std::chrono::nanoseconds(0) && since_boot() >= renew_at_) {
    tokens_->spoil("refresh"); // it was to be renewed, and there was no connection to do that on
    renew_at_ = {};
  }
  tokens_->want([weak = weak_from_this()](const token_reply& reply) {
    const auto self = weak.lock();
    if (!self || self->closing_)
      return;
    if (!reply.error.empty())
      return self->token_failed(reply.error);
    self->token_delays_.reset();
    self->open_wire(reply.token);
  });
}

std::string core::target_of_attempt() const {
  target out(*to_);
  out.with("user", options_.user);
  const auto where = [&out](const audience& of, const char* epoch, const char* offset) {
    if (of.at.recoverable())
      out.with(epoch, of.at.at().epoch).with(offset, std::to_string(of.at.at().offset));
  };
  if (const auto room = audiences_.find({audience_kind::room, to_->room()})) {
    where(*room, "epoch", "offset");
    out.with("presence", room->presence ? "1" : "");
  }
  for (const auto& each : audiences_.all())
    if (each->inbox)
      where(*each, "inbox_epoch", "inbox_offset");
  return out.text();
}

void core::open_wire(const std::string& token) {
  goodbye_ = {};
  patience_.set(
    options_.attempt,
    [this] {
      wire_->abandon();
      ended({.reason = "no connection in time"});
    },
    shared_from_this());
  // The connection does not keep the client alive.
  const auto on_core = [weak = weak_from_this()](auto then) {
    return [weak, then](auto&&... what) {
      if (const auto self = weak.lock())
        then(*self, std::forward<decltype(what)>(what)...);
    };
  };
  wire_ =
    make_wire(on_,
              {.to = *to_,
               .target = target_of_attempt(),
               .token = token,
               .session = session_,
               .user_agent = options_.user_agent,
               .tls = options_.tls},
              {.text = on_core([](core& self, std::string_view text) { self.take_text(text); }),
               .alive = on_core([](core& self) { self.watchdog_.heard(clock::now()); }),
               .drained = on_core([](core& self) {
                 if (self.requests_.waiting() > 0)
                   self.flush_later();
               }),
               .ended = on_core([](core& self, wire_end how) { self.ended(std::move(how)); })});
  wire_->open();
}

void core::opened(const frame& connection) {
  patience_.cancel();
  open_ = true;
  opened_at_ = clock::now();
  session_ = text_in(connection.content, "session");
  if (!fits_subprotocol(session_))
    session_.clear();
  constexpr milliseconds margin{5'000};
  constexpr std::chrono::seconds beat_max = std::chrono::days(1);
  const std::chrono::seconds beat(number_in(connection.content, "heartbeat", beat_max.count()));
  const auto quiet = options_.ping.value_or(beat + margin);
  if (options_.ping || beat.count() > 0) {
    watchdog_.start(opened_at_, quiet, options_.dead);
    watch_.set(
      quiet, [this] { watch(); }, shared_from_this());
  }
  if (const auto room = text_in(connection.content, "room"); !room.empty()) {
    const auto here = audiences_.find({audience_kind::room, room});
    if (here && room == to_->room())
      confirm(*here, connection.content);
    else if (!here && to_->path == "/ws")
      departing_.push_back(
        {audience_kind::room, room}); // the server's default room: nobody asked for it
  }
  set_state({.is = phase::open, .connection_id = text_in(connection.content, "connection_id")});
  enter_wanted_ = true;
  flush_later();
}

void core::ended(wire_end how) {
  wire_.reset();
  for (auto* each : {&patience_, &watch_, &token_})
    each->cancel();
  tokens_->forget();
  if (closing_)
    return finished();
  const bool was_open = std::exchange(open_, false);
  if (was_open && clock::now() - opened_at_ >= options_.reset)
    delays_.reset();
  if (how.code == 0 && goodbye_.is_object()) { // the close frame itself was lost
    how.code = static_cast<int>(number_in(goodbye_, "close_code", close_code_max));
    how.reason = text_in(goodbye_, "reason");
  }
  everybody_out();
  if (how.code == too_big) // sent again, it would end every connection
    if (const auto asked = requests_.take_too_long())
      asked->then(failure(errc::limit_exceeded, "Message too big"));
  for (auto& each : requests_.lost())
    each.then(failure(errc::connection_lost, "the connection was lost before there was an answer"));
  const auto verdict = judge_.about({.code = how.code, .reason = how.reason, .opened = was_open});
  if (!verdict.again)
    return finish(how.code, how.reason);
  if (!verdict.ask_token.empty())
    tokens_->spoil(verdict.ask_token);
  try_again(delay_after(how), how.code, how.reason, how.http_status);
}

core::milliseconds core::delay_after(const wire_end& how) {
  const auto drawn = delays_.next(random()); // counts, whoever sets the time
  const auto after = goodbye_.is_object() ? wait_in(goodbye_, "after_ms") : milliseconds(0);
  if (after.count() > 0)
    return after; // the server has spread its delays already
  const auto refused_for = how.retry_after.value_or(milliseconds(0));
  if (refused_for.count() > 0) // all who were refused are told the same
    return refused_for + std::chrono::duration_cast<milliseconds>(options_.base * random());
  return drawn;
}

void core::try_again(milliseconds delay, int code, std::string reason, int http_status) {
  next_attempt_.set(
    delay, [this] { attempt(); }, shared_from_this());
  set_state({.is = phase::waiting,
             .delay = delay,
             .code = code,
             .reason = std::move(reason),
             .http_status = http_status});
}

void core::close(std::function<void()> then) {
  if (state_.is == phase::closed && !wire_)
    return then();
  closed_.push_back(std::move(then));
  if (closing_)
    return;
  finish(1000, {});
}

// For good. What is still open is closed, but nobody waits long for that.
void core::finish(int code, std::string reason) {
  if (std::exchange(closing_, true))
    return;
  for (auto* each : {&next_attempt_, &patience_, &watch_, &token_, &deadline_})
    each->cancel();
  tokens_->close();
  open_ = false;
  set_state({.is = phase::closed, .code = code, .reason = std::move(reason)});
  for (auto& each : requests_.clear())
    each.then(failure(errc::closed, "the client has ended"));
  for (const auto& each : audiences_.all())
    end(*each, failure(errc::closed, "the client has ended"));
  audiences_.clear();
  if (!wire_)
    return finished();
  patience_.set(
    goodbye_max,
    [this] {
      if (wire_)
        wire_->abandon();
      ended({});
    },
    shared_from_this());
  wire_->close();
}

void core::finished() {
  for (const auto& each : std::exchange(closed_, {}))
    each();
  tell_ = {};
}

} // namespace troupe_client::detail
