#include "troupe/users/users.hpp"

#include "troupe/inbox.hpp"
#include "troupe/runtime/owed_answer.hpp"
#include "troupe/users/admin_results.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace troupe {

users::users(caf::actor_config& config, event_loop* loop, const server_context& context)
  : placed_actor(config, loop),
    context_(context) {
  report_exceptions(context.observers.report, "users");
}

users::behavior_type users::make_behavior() {
  started_ = clock().now();
  return {
    [this](const arrived& news) { on_arrival(news.connection, news.who); },
    [this](const changed& news) { on_arrival(news.connection, news.who); },
    [this](const departed& news) { present_.remove(news.connection); },
    [this](admin_request& request) { on_request(request); },
    [this](const bridged& event) { on_bridged(event); },
    [this](administer& asked) { return on_administer(asked); },
  };
}

void users::on_arrival(connection_id connection, const identity_ptr& who) {
  present_.add(connection, who);
  if (const auto denied = denied_.denies(*who, context_.observers.now()))
    put_out({connection}, reason_of(*denied));
}

void users::on_bridged(const bridged& event) {
  if (event.to == bridge_target::user)
    if (auto inbox = inbox_of(context_.settings.inbox, event.name); !inbox.empty()) {
      bridged sent = event;
      sent.to = bridge_target::topic;
      sent.name = std::move(inbox);
      return caf::anon_send(context_.routes.directory, std::move(sent));
    }
  const auto whom =
    event.to == bridge_target::role ? present_.of_role(event.name) : present_.of_user(event.name);
  if (whom.empty())
    context_.metrics.bridge.unheard.add(event.from_bus ? 1 : 0);
  else
    give(whom, encode(events::user_event{event.type, event.members, context_.observers.now()}),
         event.credit);
}

void users::give(const std::vector<connection_id>& whom, const encoded_event& what,
                 const troupe::credit& credit) {
  for_each_share(context_.routes, whom, [&](const auto& child, auto share) {
    caf::anon_send(child, multicast{std::move(share), what, credit});
  });
}

// -- what admins ask for -----------------------------------------------------------------------------

caf::result<administered> users::on_administer(administer& asked) {
  auto promise = make_response_promise<administered>();
  answer reply = [owed = owed_answer<administered>(promise)](const administered& outcome) {
    owed.give(outcome);
  };
  // Services ask how things are all day long: that would bury the rest of the log.
  if (!admin::only_asks(asked.what))
    reply = noted(asked, std::move(reply));
  std::visit([&](const auto& what) { carry_out(what, reply); }, asked.what);
  return promise;
}

// The same answer; when it is given, the audit log is told. Every command has one: whoever is asked
// further inside answers, ends, or has only so much time.
users::answer users::noted(const administer& asked, answer reply) const {
  return [this, what = admin::name_of(asked.what), by = asked.by,
          whom = admin::subject_of(asked.what), seconds = admin::seconds_of(asked.what),
          reason = std::string(admin::reason_of(asked.what)),
          reply = std::move(reply)](const administered& outcome) {
    const auto failed = outcome.result ? std::nullopt : std::optional(outcome.result.error().code);
    context_.observers.audit({what, by, whom, seconds, reason, outcome.connections, failed});
    reply(outcome);
  };
}

void users::on_request(admin_request& request) {
  const auto name = admin::name_of(request.asked.what);
  answer reply = [this, name, to = request.connection, id = std::move(request.id),
                  credit = request.credit](const administered& outcome) {
    const auto& result = outcome.result;
    if (!result)
      context_.metrics.refused(result.error().code);
    caf::anon_send(
      context_.routes.child_of(to),
      unicast{to, share(result ? server_event(events::admin_result{std::string(name), *result, id})
                               : events::refusal(result.error(), id))});
  };
  reply = noted(request.asked, std::move(reply));
  std::visit([&](const auto& what) { carry_out(what, reply); }, request.asked.what);
}

void users::carry_out(const admin::stats&, const answer& reply) {
  const auto uptime =
    std::chrono::duration_cast<std::chrono::seconds>(clock().now() - started_).count();
  reply({admin::figures_json(
    context_.settings.server_name,
    {.connections = context_.metrics.connections.load(std::memory_order_relaxed),
     .authenticated = present_.connections(),
     .users = present_.distinct_users(),
     .rooms = context_.metrics.rooms,
     .topics = context_.metrics.topics,
     .denials = denied_.size(),
     .uptime_seconds = static_cast<std::uint64_t>(uptime)})});
}

void users::carry_out(const admin::send& what, const answer& reply) {
  if (what.to == admin::send::target::user)
    if (auto inbox = inbox_of(context_.settings.inbox, what.name); !inbox.empty())
      return put_into_inbox(std::move(inbox), what, reply);
  const auto whom = what.to == admin::send::target::user ? present_.of_user(what.name)
                                                         : present_.of_role(what.name);
  give(whom, encode(events::notification{what.message, context_.observers.now()}), {});
  reply(reached(whom.size()));
}

// There it gets its place, and waits for who is away.
void users::put_into_inbox(std::string inbox, const admin::send& what, const answer& reply) {
  post message{.kind = audience_kind::topic,
               .name = std::move(inbox),
               .content = what.message,
               .notifies = true};
  ask(context_.routes.directory, std::move(message), reply, [this, reply](const posted& got) {
    if (!got.result)
      return reply({fail(got.result.error())});
    context_.metrics.inbox.add(got.listeners > 0 ? inbox_outcome::heard
                               : got.kept        ? inbox_outcome::kept
                                                 : inbox_outcome::lost);
    reply({admin::inbox_json(got.listeners, got.kept), got.listeners});
  });
}

void users::carry_out(const admin::kick& what, const answer& reply) {
  if (what.deny) {
    const auto now = context_.observers.now();
    if (!denied_.deny_user(what.user, now + *what.deny, now, context_.live().bounds.denials_max))
      return reply({fail(errc::limit_exceeded, "Too many users, tokens and addresses are denied")});
    context_.denials.show(std::make_shared<const deny_list>(denied_));
  }
  reply(reached(put_out(present_.of_user(what.user), what.reason)));
}

void users::carry_out(const admin::deny_token& what, const answer& reply) {
  const auto now = context_.observers.now();
  if (!denied_.deny_token(what.token_id, now + what.time, now, context_.live().bounds.denials_max))
    return reply({fail(errc::limit_exceeded, "Too many users, tokens and addresses are denied")});
  context_.denials.show(std::make_shared<const deny_list>(denied_));
  // Lifting it puts nobody out who has come in since.
  const auto whom =
    what.time.count() > 0 ? present_.of_token(what.token_id) : std::vector<connection_id>{};
  reply(reached(put_out(whom, reason_of(denial::token))));
}

administered users::reached(std::size_t connections) {
  return {admin::reach_json(connections), connections};
}

std::size_t users::put_out(const std::vector<connection_id>& whom, std::string_view reason) {
  constexpr auto code = close_code::kicked;
  const std::string why(reason.empty() ? default_reason(code) : reason);
  for_each_share(context_.routes, whom, [&](const auto& child, auto share) {
    caf::anon_send(child, close_connections{std::move(share), code, why});
  });
  return whom.size();
}

} // namespace troupe
