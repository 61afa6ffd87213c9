#include "troupe/audience/topic.hpp"

#include "troupe/audience/presence.hpp"
#include "troupe/wire/msg_id.hpp"
#include "troupe/wire/public_id.hpp"

namespace troupe {

namespace {

// The place of what was said before: none where it was for some of the listeners.
position place_of(const audience_host& host, const recent_ids::place& known) {
  if (known.offset == recent_ids::unplaced)
    return {};
  return {host.at().epoch, known.offset};
}

} // namespace

topic::topic(caf::actor_config& config, event_loop* loop, const server_context& server,
             const founding& from)
  : ticking_actor(config, loop),
    host_(server, from, clock(), [this](auto time, auto timer) { tick_after(time, timer); }) {
  report_exceptions(server.observers.report, "topic " + host_.name(),
                    [this] { return host_.failure(); });
}

topic::behavior_type topic::make_behavior() {
  host_.begin();
  host_.touch();
  return {
    [this](const admit& request) { on_admit(request); },
    [this](const leave& message) { on_out(message.connection, message.asked); },
    [this](const publish& message) { on_publish(message); },
    [this](const signal& message) {
      host_.pass_on(message.what, message.what.user, message.credit);
    },
    [this](post& message) { return on_post(message); },
    [this](const identify& news) {
      if (auto* const kept = host_.kept_presence())
        kept->identify(news);
    },
    [this](const set_presence& message) { on_set_presence(message); },
    [this](const presence_request& message) { host_.on_presence_request(message); },
    [this](const read_presence& question) { return host_.on_read_presence(question.asked); },
    [this](const describe_audience&) { return host_.described(); },
    [this](const bridged& event) { on_bridged(event); },
    [this](const gone& message) { on_out(message.connection, message.asked); },
    [this](const tick& timer) { host_.on_tick(timer.timer); },
    [this](const retire&) { quit(); },
  };
}

void topic::on_admit(const admit& request) {
  host_.on_admit();
  const bool anew = subscribers_.add(request.connection, request.asked);
  host_.enroll(request, topic_actor{this}, anew);
  if (auto* const kept = host_.kept_presence())
    kept->enter({request.connection, request.user, request.asked, request.who, request.from});
  if (request.follows)
    host_.let_follow(request.connection, *request.follows, request.who.get());
}

// What others see of a subscriber is something that it says.
void topic::on_set_presence(const set_presence& message) {
  if (const auto may = host_.spend(); !may)
    return host_.refuse_request(message.connection, may.error(), message.id);
  host_.on_set_presence(message);
}

void topic::on_out(connection_id connection, ticket asked) {
  if (subscribers_.remove(connection, asked))
    host_.on_out(connection);
}

void topic::on_publish(const publish& message) {
  const publication& what = message.what;
  if (const auto may = host_.said_before(what.msg_id) ? result<>{} : host_.spend(); !may)
    return host_.refuse_request(what.connection, may.error(), what.id);
  const position at = *place(what, 0, {&message.credit, what.from, what.who.get()}).result;
  events::published out{.topic = host_.name(), .epoch = at.epoch, .id = what.id};
  if (!at.epoch.empty())
    out.offset = at.offset;
  host_.send_one(what.connection, std::move(out));
}

posted topic::on_post(post& message) {
  if (message.notifies)
    return notify(message);
  const auto digest = message.msg_id.empty()
                        ? 0
                        : digest_of({message.event, message.content, message.options.role},
                                    host_.server().settings.seed);
  publication what{host_.name(),
                   std::move(message.event),
                   std::move(message.content),
                   senders_own({}, message.msg_id),
                   no_connection,
                   request_id{}};
  what.from = server_speaks;
  what.options = std::move(message.options);
  return place(what, digest, {});
}

// Gives a publication its place and sends it, or finds the place it has got already.
posted topic::place(const publication& message, std::uint64_t digest,
                    const audience_host::origin& from) {
  if (const auto* repeated = host_.said_before(message.msg_id)) {
    if (repeated->is_of_another(digest))
      return {fail(errc::msg_id_reused)};
    return {place_of(host_, *repeated), repeated->listeners};
  }
  host_.touch();
  const auto make = [&](std::optional<std::uint64_t> offset) {
    return events::publication{message.event.empty() ? "publication" : message.event,
                               host_.name(),
                               message.data,
                               message.who ? message.who->user_id : std::string{},
                               message.from,
                               host_.server().observers.now(),
                               offset};
  };
  const auto how = host_.as_asked(message.options, message.connection);
  position at;
  if (message.options.for_some())
    host_.tell_some(make(std::nullopt), how, from);
  else
    at = host_.publish(make, from, how);
  host_.remember(message.msg_id, {at.offset, host_.listeners(), digest});
  return {std::move(at), host_.listeners()};
}

// What is sent to a user, on the topic that is the inbox.
posted topic::notify(const post& message) {
  host_.touch();
  auto at = host_.publish(
    [&](std::uint64_t offset) {
      return events::topic_event{"notification",
                                 host_.name(),
                                 ",\"message\":" + message.content,
                                 std::string(server_speaks),
                                 host_.server().observers.now(),
                                 offset};
    },
    {});
  return {std::move(at), host_.listeners(), host_.keeps_history()};
}

// Where nobody listens this keeps nothing alive.
void topic::on_bridged(const bridged& event) {
  auto msg_id = senders_own({}, event.msg_id);
  if (host_.said_before(msg_id))
    return host_.server().metrics.bridge.repeated.add();
  if (event.from_bus)
    host_.on_bridged();
  const auto at = host_.publish(
    [&](std::uint64_t offset) {
      return events::topic_event{event.type,
                                 host_.name(),
                                 event.members,
                                 std::string(server_speaks),
                                 host_.server().observers.now(),
                                 offset};
    },
    {.credit = &event.credit, .from_bus = event.from_bus});
  host_.remember(std::move(msg_id), {at.offset, host_.listeners()});
}

} // namespace troupe
