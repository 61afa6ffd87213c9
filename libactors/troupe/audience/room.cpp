#include "troupe/audience/room.hpp"

#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/wire/msg_id.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

namespace {

constexpr std::uint64_t patience_over = audience_host::idle_timer + 1;

error not_now(std::string why, std::chrono::milliseconds left) {
  error out{errc::insufficient_permissions, std::move(why)};
  out.retry_after = left;
  return out;
}

} // namespace

room::room(caf::actor_config& config, event_loop* loop, const server_context& server,
           const founding& from, restrictions forbidden)
  : ticking_actor(config, loop),
    context_(server, from, clock(), [this](auto time, auto timer) { tick_after(time, timer); }),
    forbidden_(std::move(forbidden)) {
  report_exceptions(server.observers.report, "room " + context_.host().name(),
                    [this] { return context_.host().failure(); });
}

room::behavior_type room::make_behavior() {
  context_.host().begin();
  logic_ = type_of(context_.host().server().settings.rooms, context_.name())->second();
  logic_->on_open(context_); // nobody is here yet to be put out
  context_.host().touch();
  return {
    [this](const admit& request) { on_admit(request); },
    [this](const leave& message) { on_out(message.connection, message.asked); },
    [this](const identify& news) { on_identify(news); },
    [this](const say& message) { on_say(message); },
    [this](const signal& message) { on_signal(message); },
    [this](const post& message) { return on_post(message); },
    [this](const bridged& event) { on_bridged(event); },
    [this](const set_presence& message) { on_set_presence(message); },
    [this](const presence_request& message) {
      context_.keep_presence();
      context_.host().on_presence_request(message);
    },
    [this](const read_presence& question) {
      context_.keep_presence();
      return context_.host().on_read_presence(question.asked);
    },
    [this](const describe_audience&) { return context_.host().described(); },
    [this](const moderate& word) { return on_moderate(word); },
    [this](const gone& message) { on_out(message.connection, message.asked); },
    [this](const departed& message) { forbidden_.forget(message.connection); },
    [this](const tick& timer) { on_tick(timer.timer); },
    [this](const retire&) { finish(); },
  };
}

void room::on_exit() {
  context_.vacate();
  logic_.reset();
  context_.host().end();
}

std::size_t room::members_max() const {
  const auto& live = context_.host().server().live();
  const namespace_rule* where = live.access.of(context_.name());
  return where && where->members_max > 0 ? where->members_max : live.bounds.members_per_room_max;
}

void room::on_admit(const admit& request) {
  auto& host = context_.host();
  host.on_admit();
  member who{request.connection, request.user, request.asked, request.who, request.from};
  const member* const known = context_.members().find(request.connection);
  const member before = known ? *known : member{};
  auto may = known ? may_rename(before, who) : may_enter(who);
  put_out_whom_it_wants_out();
  if (!may)
    return host.refuse_entry(request, std::move(may).error());
  if (!known && !who.who && left(restriction::mute, who).count() > 0)
    who.user = anonymous_name; // what it calls itself is something that it says
  who.announced = !known && context_.tells_of_one_more();
  if (!context_.enroll(request, who, room_actor{this}))
    return renew(before);
  context_.watch_occupancy();
  have_logic(who, [&] { logic_->on_join(context_, who); });
}

std::chrono::milliseconds room::left(restriction what, const member& whom) const {
  if (forbidden_.size() == 0) // nearly always, and then nobody asks for the time
    return {};
  return forbidden_.left(what, whom.connection, whom.who.get(), context_.now());
}

// What it says takes from what the room may be told.
result<> room::may_be_heard(const member& who) {
  return may_speak(who).and_then([this] { return context_.host().spend(); });
}

result<> room::may_speak(const member& who) const {
  if (const auto wait = left(restriction::mute, who); wait.count() > 0)
    return fail(not_now("You are muted in this room", wait));
  return {};
}

result<> room::may_enter(const member& who) {
  if (const auto wait = left(restriction::denial, who); wait.count() > 0)
    return fail(not_now("You may not enter this room now", wait));
  if (context_.members().size() >= members_max())
    return fail(errc::limit_exceeded, "The room is full");
  return logic_->may_join(context_, who);
}

// The others are told of the name, and without a token it may be any text.
result<> room::may_rename(const member& before, const member& now) {
  if (now.who || now.user == before.user)
    return {};
  const auto& access = context_.host().server().live().access;
  if (!access.allow(action::publish, context_.name(), before.who.get()))
    return fail(access.refusal(action::publish, context_.name()));
  return may_be_heard(before);
}

void room::on_identify(const identify& news) {
  const member* const known = context_.members().find(news.connection);
  if (!known)
    return;
  const member before = *known;
  context_.identify(news);
  renew(before);
}

// Here the room learns who a member is now, whatever it has brought: another token or another name.
void room::renew(const member& before) {
  member now = *context_.members().find(before.connection);
  if (now.who != before.who) {
    if (const auto wait = left(restriction::denial, now); wait.count() > 0) {
      now.user = before.user; // as the others know it
      put_out({now}, {});
      return context_.refuse(now.connection, not_now("You may not be in this room now", wait));
    }
    have_logic(now, [&] { logic_->on_identify(context_, before, now); });
  }
  if (now.user != before.user && context_.members().find(now.connection))
    have_logic(now, [&] { logic_->on_rename(context_, before, now); });
}

void room::on_out(connection_id connection, ticket asked) {
  member who;
  if (!context_.remove(connection, asked, who)) {
    if (finishing_ && !context_.awaits_last_words())
      quit();
    return;
  }
  have_logic(who, [&] { logic_->on_leave(context_, who); });
  context_.watch_occupancy();
}

void room::on_say(const say& message) {
  context_.answer(message, [&] {
    const room_message& said = message.what;
    const member* found = context_.members().find(said.connection);
    if (!found)
      return context_.refuse(said.connection, error{errc::not_in_room});
    if (const auto may = may_be_heard(*found); !may)
      return context_.refuse(said.connection, may.error());
    const member from = *found; // the logic may send it out
    have_logic(from, [&] {
      logic_->on_message(context_, from, said.user.empty() ? from.user : said.user, said.content);
    });
  });
}

// The logic is not asked: it has nothing to number, keep or decide.
void room::on_signal(const signal& message) {
  const passing& said = message.what;
  const auto& host = context_.host();
  const member* const from = context_.members().find(said.connection);
  if (!from)
    return host.refuse_request(said.connection, error{errc::not_in_room}, said.id);
  if (const auto may = may_speak(*from); !may)
    return host.refuse_request(said.connection, may.error(), said.id);
  host.pass_on(said, said.user.empty() ? from->user : said.user, message.credit);
}

posted room::on_post(const post& message) {
  context_.host().touch();
  const auto digest = message.msg_id.empty()
                        ? 0
                        : digest_of({message.user, message.content, message.options.role},
                                    context_.host().server().settings.seed);
  posted out;
  context_.as_asked(message.options, [&] {
    out = context_.once(senders_own({}, message.msg_id), digest, [&] {
      logic_->on_post(context_, message.user, message.content);
      put_out_whom_it_wants_out();
    });
  });
  return out;
}

void room::on_bridged(const bridged& event) {
  const auto msg_id = senders_own({}, event.msg_id);
  if (context_.host().said_before(msg_id))
    return context_.host().server().metrics.bridge.repeated.add();
  context_.host().on_bridged();
  context_.pass_on(event.credit, [&] {
    context_.once(msg_id, 0, [&] {
      logic_->on_event(context_, event.type, json_fields{}.written(event.members));
      put_out_whom_it_wants_out();
    });
  });
}

// What others see of a member is something that it says.
void room::on_set_presence(const set_presence& message) {
  auto& host = context_.host();
  const member* const found = context_.members().find(message.connection);
  if (!found)
    return host.refuse_request(message.connection, error{errc::not_in_room}, message.id);
  if (const auto may = may_be_heard(*found); !may)
    return host.refuse_request(message.connection, may.error(), message.id);
  context_.keep_presence();
  if (!host.on_set_presence(message))
    return;
  const member who = *found; // the logic may send it out
  have_logic(who, [&] { logic_->on_presence(context_, who); });
}

// What was on the way from those who were put out is answered first: `not_in_room`. An outlet that
// has ended confirms nothing.
void room::finish() {
  if (!context_.awaits_last_words())
    return quit();
  finishing_ = true;
  tick_after(answer_timeout, patience_over);
}

void room::on_tick(std::uint64_t timer) {
  if (timer == patience_over)
    return quit();
  if (finishing_)
    return;
  if (!context_.host().on_tick(timer))
    logic_->on_tick(context_, static_cast<std::uint32_t>(timer));
  put_out_whom_it_wants_out();
}

// It may want more out when it hears of that.
void room::put_out_whom_it_wants_out() {
  for (auto out = context_.to_put_out(); !out.empty(); out = context_.to_put_out()) {
    for (const auto& [who, reason] : out)
      if (context_.expel(who, reason))
        context_.on_behalf_of(who, [&, &gone = who] { logic_->on_leave(context_, gone); });
    context_.watch_occupancy();
  }
}

} // namespace troupe
