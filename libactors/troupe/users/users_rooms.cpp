// What the users ask others inside for admins: the directory, rooms and outlets.
#include "troupe/users/admin_results.hpp"
#include "troupe/users/users.hpp"
#include "troupe/wire/troupe_v1.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

namespace {

std::optional<std::uint64_t> count(std::optional<std::chrono::seconds> time) {
  return time ? std::optional(static_cast<std::uint64_t>(time->count())) : std::nullopt;
}

// What a client would be sent.
std::string text_of(const event_ptr& what) {
  std::string text;
  troupe_v1().encode(what->what(), text);
  return text;
}

} // namespace

void users::carry_out(const admin::announce& what, const answer& reply) {
  ask(context_.routes.directory, announce{what.text}, reply,
      [reply](const announced&) { reply({std::string("{}")}); });
}

// Any number may be a connection's: this says whether it is.
template <class Then>
void users::find_connection(const std::string& public_id, const answer& reply, Then then) {
  const auto which = context_.settings.connection_of(public_id);
  const auto none = [](const answer& to) { to({fail(errc::not_found, "No such connection")}); };
  if (which == no_connection || which.node() != 0 ||
      server_routes::child_number(which) >= context_.routes.child_count())
    return none(reply);
  ask(context_.routes.child_of(which), describe_connections{{which}}, reply,
      [reply, none, then = std::move(then)](const connections_described& found) mutable {
        if (found.here.empty())
          return none(reply);
        then(found.here.front());
      });
}

// -- what is to be in a room -------------------------------------------------------------------------

void users::carry_out(const admin::kick_from_room& what, const answer& reply) {
  ask_room({.what = moderation::kick,
            .room = what.room,
            .reason = what.reason,
            .seconds = count(what.deny)},
           what.whom, reply);
}

void users::carry_out(const admin::mute& what, const answer& reply) {
  ask_room({.what = moderation::mute, .room = what.room, .seconds = count(what.time)}, what.whom,
           reply);
}

void users::carry_out(const admin::close_room& what, const answer& reply) {
  ask_room({.what = moderation::close, .room = what.room, .reason = what.reason}, {}, reply);
}

void users::ask_room(moderate word, const admin::member_ref& whom, const answer& reply) {
  word.user = whom.user;
  if (whom.connection.empty())
    return give_word(std::move(word), reply);
  find_connection(whom.connection, reply,
                  [this, reply, word](const connections_described::one& found) mutable {
                    word.connection = found.id;
                    give_word(std::move(word), reply);
                  });
}

void users::give_word(moderate word, const answer& reply) {
  ask(context_.routes.directory, std::move(word), reply, [reply](const moderated& outcome) {
    reply(outcome.connections ? reached(*outcome.connections)
                              : administered{fail(outcome.connections.error())});
  });
}

// -- what there is -----------------------------------------------------------------------------------

// How many listen to the rooms or topics of a page: each outlet counts its own.
struct users::counting {
  audience_kind kind = audience_kind::room;
  audience_list found;
  std::vector<std::size_t> listeners;
  std::size_t answers_left;
  std::optional<error> failed;
  answer reply;

  void settle() {
    if (--answers_left == 0)
      reply(failed ? administered{fail(*failed)}
                   : administered{admin::audiences_json(kind, found, listeners)});
  }
};

void users::carry_out(const admin::list_rooms& what, const answer& reply) {
  list(audience_kind::room, what.which, reply);
}

void users::carry_out(const admin::list_topics& what, const answer& reply) {
  list(audience_kind::topic, what.which, reply);
}

void users::list(audience_kind kind, const admin::page& which, const answer& reply) {
  ask(context_.routes.directory, list_audiences{kind, which}, reply,
      [this, kind, reply](audience_list& found) { sum_listeners(kind, std::move(found), reply); });
}

void users::sum_listeners(audience_kind kind, audience_list found, const answer& reply) {
  count_members question;
  for (const auto& each : found.listed)
    question.of.push_back(each.audience);
  const auto sum = std::make_shared<counting>();
  sum->kind = kind;
  sum->listeners.resize(found.listed.size());
  sum->found = std::move(found);
  sum->answers_left = context_.routes.outlets.size();
  sum->reply = reply;
  for (const auto& outlet : context_.routes.outlets)
    request(outlet, answer_timeout, question)
      .then(
        [sum](const member_counts& seats) {
          for (std::size_t i = 0; i < seats.counts.size(); ++i)
            sum->listeners[i] += seats.counts[i];
          sum->settle();
        },
        [sum](const caf::error& why) {
          sum->failed = no_answer(why);
          sum->settle();
        });
}

void users::carry_out(const admin::show_room& what, const answer& reply) {
  describe(audience_kind::room, what.room, reply);
}

void users::carry_out(const admin::show_topic& what, const answer& reply) {
  describe(audience_kind::topic, what.topic, reply);
}

void users::describe(audience_kind kind, const std::string& name, const answer& reply) {
  const describe_audience which{kind, name};
  ask(context_.routes.directory, which, reply, [reply, which](const audience_described& outcome) {
    reply({outcome.result.transform([&which](const audience_described::state& how) {
      return admin::audience_json(which, how);
    })});
  });
}

// -- what was said ----------------------------------------------------------------------------------

void users::carry_out(const admin::show_history& what, const answer& reply) {
  ask(context_.routes.archive_of(what.which.kind, what.which.name), read_history{what.which}, reply,
      [reply](const history_read& outcome) { reply({outcome.result.transform(text_of)}); });
}

void users::carry_out(const admin::forget_history& what, const answer& reply) {
  ask(context_.routes.archive_of(what.kind, what.name),
      forget_history{what.kind, what.name, what.user}, reply,
      [reply](const history_forgotten& outcome) {
        reply({outcome.messages.transform(
          [](std::size_t count) { return "{\"messages\":" + std::to_string(count) + "}"; })});
      });
}

// -- who is where ------------------------------------------------------------------------------------

void users::carry_out(const admin::show_connection& what, const answer& reply) {
  find_connection(what.connection, reply, [this, reply](const connections_described::one& found) {
    reply({admin::connection_json(context_.settings, found)});
  });
}

// Where the connections of a user are: each outlet describes its own.
struct users::gathering {
  identity_ptr who;
  std::size_t total = 0;
  bool more = false;
  std::vector<connections_described::one> here;
  std::size_t answers_left = 0;
  std::optional<error> failed;
};

void users::carry_out(const admin::show_user& what, const answer& reply) {
  const auto all = present_.of_user(what.user);
  if (all.empty())
    return reply({fail(errc::not_found, "No such user is connected")});
  const auto after = context_.settings.connection_of(what.which.after);
  if (after == no_connection && !what.which.after.empty())
    return reply({fail(errc::bad_request, "'after' must be a connection_id")});
  const auto limit = std::min(what.which.limit, admin::connections_shown_max);
  const auto first = std::ranges::upper_bound(all, after);
  const auto last = std::ranges::next(first, limit, all.end());
  const auto found = std::make_shared<gathering>();
  found->who = present_.identity_of(all.front());
  found->total = all.size();
  found->more = last != all.end();
  const auto settle = [this, found, reply] {
    if (--found->answers_left > 0)
      return;
    if (found->failed)
      return reply({fail(*found->failed)});
    std::ranges::sort(found->here, {}, &connections_described::one::id);
    reply(
      {admin::user_json(context_.settings, *found->who, found->total, found->here, found->more)});
  };
  std::vector<connection_id> page(first, last);
  found->answers_left = 1; // of which the end of this function is one
  for_each_share(context_.routes, page, [&](const auto& child, auto share) {
    ++found->answers_left;
    request(child, answer_timeout, describe_connections{std::move(share)})
      .then(
        [found, settle](connections_described& described) {
          std::ranges::move(described.here, std::back_inserter(found->here));
          settle();
        },
        [found, settle](const caf::error& why) {
          found->failed = no_answer(why);
          settle();
        });
  });
  settle();
}

void users::carry_out(const admin::show_presence& what, const answer& reply) {
  ask(context_.routes.directory, read_presence{what.which}, reply,
      [reply](const presence_read& outcome) { reply({outcome.result.transform(text_of)}); });
}

void users::carry_out(const admin::list_users& what, const answer& reply) {
  auto page = present_.users(what.which.after, what.which.limit + std::size_t{1});
  const bool more = page.size() > what.which.limit;
  if (more)
    page.pop_back();
  reply({admin::users_json(context_.metrics.connections.load(std::memory_order_relaxed), present_,
                           page, more)});
}

} // namespace troupe
