#include "troupe/audience/room.hpp"

#include "troupe/audience/audience_host.hpp"
#include "troupe/wire/name_page.hpp"
#include "troupe/wire/server_frames.hpp"

#include <caf/send.hpp>

#include <random>

namespace troupe {

namespace {

// Timers of the actor's own have this bit; those of the logic are 32-bit numbers.
constexpr std::uint64_t idle_timer = std::uint64_t{1} << 32;

} // namespace

class room::logic_context final : public room_context {
public:
  logic_context(room& self, const server_context& server, std::string name, audience_id audience)
    : self_(self),
      host_(server, audience_kind::room, std::move(name), audience),
      rng_(server.settings.seed_of(audience)) {}

  std::string_view name() const override { return host_.name(); }
  const roster& members() const override { return host_.members(); }
  wall_time now() const override { return host_.server().observers.now(); }

  void send(connection_id to, std::string_view type, const json_fields& fields) override {
    host_.send_one(to, server_frames::room_event(type, name(), fields, now()));
  }

  void broadcast(std::string_view type, const json_fields& fields) override {
    const auto offset = host_.take_offset();
    const auto frame = server_frames::room_event(type, name(), fields, now(), offset);
    host_.send_all(frame, no_connection, credit());
    // What came from a bus would go back to where it came from.
    if (host_.server().observers.tap && !carried_)
      tell_tap(tapped_event::kind::message, frame->payload());
  }

  void broadcast_except(connection_id except, std::string_view type,
                        const json_fields& fields) override {
    if (!members().empty())
      host_.send_all(server_frames::room_event(type, name(), fields, now()), except, credit());
  }

  void refuse(connection_id to, const error& why) override {
    const bool asked = answering_ && answering_->what.connection == to;
    host_.server().metrics.refused(why.code);
    host_.send_one(to, server_frames::error(why, asked ? answering_->what.id : request_id{}));
  }

  void after(std::chrono::milliseconds delay, std::uint32_t timer) override {
    self_.delayed_send(&self_, delay, tick{timer});
  }

  void open(std::string_view room) override {
    caf::anon_send(host_.server().routes.directory, open_room{std::string(room)});
  }

  void close() override {
    host_.expel_all(server_frames::left(name(), {}));
    watch_occupancy();
    caf::anon_send(host_.server().routes.directory, host_.idle_notice());
  }

  std::uint64_t random(std::uint64_t below) override {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(rng_);
  }

  audience_host& host() { return host_; }
  const audience_host& host() const { return host_; }

  // While the logic answers `message`, refusals carry its id and broadcasts its credit.
  template <class Logic>
  void answer(const say& message, Logic logic) {
    answering_ = &message;
    logic();
    answering_ = nullptr;
  }

  // While the logic makes something of an event from a bus, broadcasts carry its credit.
  template <class Logic>
  void pass_on(const troupe::credit& credit, Logic logic) {
    carried_ = &credit;
    logic();
    carried_ = nullptr;
  }

  // Tells the tap when the room is no longer empty, or is again.
  void watch_occupancy() {
    const bool now_occupied = !members().empty();
    if (!host_.server().observers.tap || now_occupied == occupied_)
      return;
    occupied_ = now_occupied;
    tell_tap(occupied_ ? tapped_event::kind::occupied : tapped_event::kind::vacated, {});
  }

  // The room ends, and whoever is still in it is out. The logic may have thrown: what it was at is
  // no more.
  void vacate() {
    answering_ = nullptr;
    carried_ = nullptr;
    if (occupied_ && host_.server().observers.tap)
      tell_tap(tapped_event::kind::vacated, {});
  }

private:
  troupe::credit credit() const {
    return carried_ ? *carried_ : answering_ ? answering_->credit : troupe::credit{};
  }

  void tell_tap(tapped_event::kind what, std::string_view frame) const {
    tapped_event event{what, name(), frame, {}, nullptr, {}};
    if (what == tapped_event::kind::message && answering_) {
      event.connection = answering_->what.from;
      event.who = answering_->what.who.get();
      event.credit = answering_->credit;
    }
    host_.server().observers.tap(event);
  }

  room& self_;
  audience_host host_;
  std::mt19937_64 rng_;
  const say* answering_ = nullptr;
  const troupe::credit* carried_ = nullptr;
  bool occupied_ = false; // as the tap knows it
};

room::room(caf::actor_config& config, event_loop* loop, const server_context& server,
           std::string name, audience_id audience)
  : placed_actor(config, loop),
    context_(std::make_unique<logic_context>(*this, server, name, audience)),
    idle_(server.live().bounds.room_idle_timeout) {
  report_exceptions(server.observers.report, "room " + name);
}

room::~room() = default;

room::behavior_type room::make_behavior() {
  logic_ = type_of(context_->host().server().settings.rooms, context_->name())->second();
  logic_->on_open(*context_);
  watch_idleness();
  return {
    [this](const admit& request) { on_admit(request); },
    [this](const leave& message) { on_out(message.connection, message.asked); },
    [this](const say& message) { on_say(message); },
    [this](const post& message) { return on_post(message); },
    [this](const bridged& event) { on_bridged(event); },
    [this](const list_members& question) { return on_list_members(question); },
    [this](const gone& message) { on_out(message.connection, message.asked); },
    [this](const tick& timer) { on_timer(timer.timer); },
    [this](const retire&) { quit(); },
  };
}

void room::on_exit() {
  context_->vacate();
  logic_.reset();
}

std::size_t room::members_max() const {
  const auto& host = context_->host();
  const namespace_rule* where = host.server().live().access.of(host.name());
  return where && where->members_max > 0 ? where->members_max
                                         : host.server().live().bounds.members_per_room_max;
}

void room::on_admit(const admit& request) {
  auto& host = context_->host();
  host.count_admitted();
  const member who{request.connection, request.user, request.asked, request.who};
  if (!host.members().find(request.connection)) {
    if (host.members().size() >= members_max())
      return host.refuse_entry(request, {errc::limit_exceeded, "The room is full"});
    if (auto why = logic_->may_join(*context_, who))
      return host.refuse_entry(request, std::move(*why));
  }
  if (!host.enroll_member(request, room_actor{this}))
    return;
  context_->watch_occupancy();
  logic_->on_join(*context_, who);
}

void room::on_out(connection_id connection, ticket asked) {
  member who;
  if (!context_->host().remove_member(connection, asked, who))
    return;
  logic_->on_leave(*context_, who);
  context_->watch_occupancy();
  if (context_->members().empty())
    watch_idleness();
}

void room::on_say(const say& message) {
  context_->answer(message, [&] {
    const room_message& said = message.what;
    member* const found = context_->host().find_member(said.connection);
    if (!found)
      return context_->refuse(said.connection, error{errc::not_in_room});
    found->who = said.who;      // it may have another token since it came
    const member from = *found; // the logic may send it out
    logic_->on_message(*context_, from, said.user.empty() ? from.user : said.user, said.content);
  });
}

posted room::on_post(const post& message) {
  if (context_->members().empty())
    watch_idleness();
  logic_->on_post(*context_, message.user, message.content);
  return {context_->host().at()};
}

void room::on_bridged(const bridged& event) {
  if (context_->members().empty())
    context_->host().server().metrics.bridge.unheard.add();
  context_->pass_on(event.credit, [&] {
    logic_->on_event(*context_, event.type, json_fields{}.written(event.members));
  });
}

member_list room::on_list_members(const list_members& question) const {
  const auto& members = context_->members();
  name_page page(question.which.after, question.which.limit);
  for (const auto& [connection, who] : members)
    page.consider(who.user);
  return {
    member_list::those{{page.names().begin(), page.names().end()}, page.more(), members.size()}};
}

void room::on_timer(std::uint64_t timer) {
  if (timer < idle_timer)
    return logic_->on_tick(*context_, static_cast<std::uint32_t>(timer));
  on_idle_timer();
}

void room::watch_idleness() {
  if (const auto time = idle_.touch(clock().now()); time > time.zero())
    delayed_send(this, time, tick{idle_timer});
}

void room::on_idle_timer() {
  if (!context_->members().empty())
    return idle_.stop();
  if (const auto left = idle_.fired(clock().now()); left > left.zero())
    return delayed_send(this, left, tick{idle_timer});
  caf::anon_send(context_->host().server().routes.directory, context_->host().idle_notice());
  watch_idleness();
}

} // namespace troupe
