#include "troupe/audience/logic_context.hpp"

#include "troupe/audience/presence.hpp"
#include "troupe/messages.hpp"
#include "troupe/wire/names.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe {

namespace {

// Who is there is kept in order once somebody asks; in a room of more members from then on, so that
// nobody waits for who asks first.
constexpr std::size_t unasked_members_max = 1'000;

} // namespace

logic_context::logic_context(const server_context& server, const founding& from,
                             const caf::actor_clock& clock, audience_host::set_timer timer)
  : host_(server, from, clock, std::move(timer)),
    draws_(server.settings.seed_of(from.audience)) {}

void logic_context::send(connection_id to, std::string_view type, const json_fields& fields) {
  host_.send_one(to, event(type, fields));
}

void logic_context::broadcast(std::string_view type, const json_fields& fields) {
  const auto how = options_ ? host_.as_asked(*options_, spared()) : delivery{};
  if (!how.role.empty())
    return host_.tell_some(caused(event(type, fields)), how, origin());
  host_.publish(
    [&](std::uint64_t offset) {
      auto what = caused(event(type, fields));
      what.offset = offset;
      return what;
    },
    origin(), how);
  if (!placed_) {
    placed_ = host_.at();
    heard_by_ = host_.listeners();
  }
  if (how.except != no_connection)
    confirm(); // in its place
}

// Who may go without what is said next.
connection_id logic_context::spared() const {
  return answering_ && !placed_ ? answering_->what.connection : no_connection;
}

void logic_context::broadcast_except(connection_id except, std::string_view type,
                                     const json_fields& fields) {
  if (!members_.empty())
    host_.notify(encode(caused(event(type, fields))),
                 {.except = except, .role = options_ ? options_->role : std::string()}, origin());
}

void logic_context::refuse(connection_id to, const error& why) {
  const bool asked = answering_ && answering_->what.connection == to && !confirmed_ &&
                     !std::exchange(refused_, true);
  host_.refuse_request(to, why, asked ? answering_->what.id : request_id{});
}

bool logic_context::put_out(connection_id who, const std::string& reason) {
  const member* const found = members_.find(who);
  if (found)
    leaving_.emplace_back(*found, reason);
  return found != nullptr;
}

result<> logic_context::publish(std::string_view topic, std::string_view event,
                                std::string_view data) {
  if (!valid_name(topic))
    return fail(errc::invalid_name, "'topic' is no valid name");
  if (!valid_event(event))
    return fail(errc::bad_request, "'event' is no valid event");
  caf::anon_send(host_.server().routes.directory,
                 bridged{bridge_target::topic,
                         std::string(topic),
                         std::string(event),
                         std::string(json_fields{}.raw("data", data).view()),
                         carried(),
                         {},
                         carried_ != nullptr});
  return {};
}

result<> logic_context::send_to_user(std::string_view user_id, std::string_view type,
                                     const json_fields& fields) {
  if (!valid_user_id(user_id, host_.server().live().bounds.user_bytes_max))
    return fail(errc::bad_request, "'user_id' is no valid user id");
  if (!valid_event(type))
    return fail(errc::bad_request, "'type' is no valid event");
  caf::anon_send(host_.server().routes.users, bridged{bridge_target::user,
                                                      std::string(user_id),
                                                      std::string(type),
                                                      std::string(fields.view()),
                                                      carried(),
                                                      {},
                                                      carried_ != nullptr});
  return {};
}

// It was said before, and has the place that it got.
void logic_context::recall(const recent_ids::place& known) {
  if (known.offset == recent_ids::unplaced)
    return;
  placed_ = position{host_.at().epoch, known.offset};
  heard_by_ = known.listeners;
}

void logic_context::remember_id(const std::string& msg_id, std::uint64_t digest) {
  host_.remember(msg_id, {placed_ ? placed_->offset : recent_ids::unplaced, heard_by_, digest});
}

void logic_context::confirm() {
  confirmed_ = true;
  events::sent out{.room = host_.name(), .id = answering_->what.id};
  if (placed_) {
    out.epoch = placed_->epoch;
    out.offset = placed_->offset;
  }
  host_.send_one(answering_->what.connection, std::move(out));
}

void logic_context::after(std::chrono::milliseconds delay, std::uint32_t timer) {
  host_.tick_after(delay, timer);
}

void logic_context::open(std::string_view room) {
  caf::anon_send(host_.server().routes.directory, open_room{std::string(room)});
}

void logic_context::close() {
  dismiss({});
  host_.close();
}

void logic_context::dismiss(const std::string& reason) {
  const auto last = share(events::left{.room = host_.name(), .reason = reason});
  host_.forget_presence(); // nobody is left to be told who goes
  for (const auto& who : members_) {
    put_out_.emplace(who.connection, who.asked);
    host_.expel(who.connection, last);
  }
  members_ = {};
  watch_occupancy();
}

bool logic_context::expel(const member& whom, const std::string& reason) {
  member removed;
  if (!members_.remove(whom.connection, whom.asked, removed))
    return false;
  put_out_.emplace(removed.connection, removed.asked);
  host_.expel(whom.connection, share(events::left{.room = host_.name(), .reason = reason}));
  host_.watch_emptiness();
  return true;
}

std::uint64_t logic_context::random(std::uint64_t below) {
  return draws_.below(below);
}

bool logic_context::enroll(const admit& request, member who, room_actor room) {
  const bool anew = members_.add(std::move(who));
  host_.enroll(request, std::move(room), anew);
  note_presence(request);
  return anew;
}

void logic_context::note_presence(const admit& request) {
  if (presence* const kept = host_.kept_presence())
    kept->enter(*members_.find(request.connection));
  else if (request.follows.value_or(false) || members_.size() > unasked_members_max)
    keep_presence();
  if (request.follows)
    host_.let_follow(request.connection, *request.follows,
                     members_.find(request.connection)->who.get());
}

void logic_context::keep_presence() {
  if (host_.kept_presence())
    return;
  if (presence* const begun = host_.keep_presence())
    for (const auto& each : members_)
      begun->enter(each);
}

std::string_view logic_context::shown_by(connection_id who) const {
  const presence* const kept = host_.kept_presence();
  return kept ? kept->state_of(who) : std::string_view{};
}

bool logic_context::identify(const troupe::identify& news) {
  if (!members_.identify(news.connection, news.who, news.since))
    return false;
  if (presence* const kept = host_.kept_presence())
    kept->identify(news);
  return true;
}

// Up to a number of members, and again when it has clearly fallen below that.
bool logic_context::tells_of_one_more() {
  const std::uint64_t most = host_.presence_settings().joins_told_max;
  const std::uint64_t members = members_.size() + 1;
  if (members > most)
    tells_joins_ = false;
  else if (members * 5 <= most * 4)
    tells_joins_ = true;
  return tells_joins_;
}

bool logic_context::remove(connection_id connection, ticket asked, member& removed) {
  if (!members_.remove(connection, asked, removed)) {
    put_out_.erase({connection, asked});
    return false;
  }
  host_.on_out(connection);
  return true;
}

void logic_context::watch_occupancy() {
  const bool now_occupied = !members_.empty();
  if (!host_.server().observers.tap || now_occupied == occupied_)
    return;
  occupied_ = now_occupied;
  host_.tell_tap(occupied_ ? tapped_event::kind::occupied : tapped_event::kind::vacated, {}, {});
}

void logic_context::vacate() {
  answering_ = nullptr;
  options_ = nullptr;
  speaker_ = nullptr;
  carried_ = nullptr;
  if (occupied_ && host_.server().observers.tap)
    host_.tell_tap(tapped_event::kind::vacated, {}, {});
}

events::room_event logic_context::event(std::string_view type, const json_fields& fields) const {
  return {std::string(type), host_.name(), std::string(fields.view()), {}, {}, now(), std::nullopt};
}

// Says whose doing it is.
events::room_event logic_context::caused(events::room_event what) const {
  what.from = speaker_ ? speaker_->from : server_speaks;
  if (speaker_ && speaker_->who)
    what.user_id = speaker_->who->user_id;
  return what;
}

// Of what it answers or passes on: what comes of that is bounded as that is.
troupe::credit logic_context::carried() const {
  if (carried_)
    return *carried_;
  return answering_ ? answering_->credit : troupe::credit{};
}

audience_host::origin logic_context::origin() const {
  if (carried_)
    return {.credit = carried_, .from_bus = true};
  if (answering_ && speaker_)
    return {&answering_->credit, speaker_->from, speaker_->who.get()};
  return {};
}

} // namespace troupe
