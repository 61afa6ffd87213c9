// What the users ask others inside for admins: the directory, rooms and outlets.
#include "troupe/users/admin_results.hpp"
#include "troupe/users/users.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

namespace {

std::uint64_t seconds_of(std::chrono::seconds time) {
  return static_cast<std::uint64_t>(time.count());
}

} // namespace

void users::carry_out(const admin::announce& what, const answer& reply) {
  ask(context_.routes.directory, announce{what.text}, reply,
      [reply](const announced&) { reply({std::string("{}")}); });
}

// -- what is to be in a room -------------------------------------------------------------------------

void users::carry_out(const admin::kick_from_room& what, const answer& reply) {
  ask_room({.what = moderation::kick,
            .room = what.room,
            .reason = what.reason,
            .seconds = seconds_of(what.deny)},
           what.whom, reply);
}

void users::carry_out(const admin::mute& what, const answer& reply) {
  ask_room({.what = moderation::mute, .room = what.room, .seconds = seconds_of(what.time)},
           what.whom, reply);
}

void users::carry_out(const admin::close_room& what, const answer& reply) {
  ask_room({.what = moderation::close, .room = what.room, .reason = what.reason}, {}, reply);
}

void users::ask_room(moderate word, const admin::member_ref& whom, const answer& reply) {
  word.user = whom.user;
  if (!whom.connection.empty()) {
    word.connection = context_.settings.connection_of(whom.connection);
    if (word.connection == no_connection)
      return reply({fail(errc::not_found, "No such connection")});
  }
  ask(context_.routes.directory, std::move(word), reply, [reply](const moderated& outcome) {
    reply({outcome.connections.transform(admin::reach_json)});
  });
}

// -- what there is -----------------------------------------------------------------------------------

// How many are in the rooms of a page: each outlet counts its own.
struct users::counting {
  room_list rooms;
  std::vector<std::size_t> members;
  std::size_t answers_left;
  std::optional<error> failed;
  answer reply;

  void settle() {
    if (--answers_left == 0)
      reply(failed ? administered{fail(*failed)}
                   : administered{admin::rooms_json(rooms, members)});
  }
};

void users::carry_out(const admin::list_rooms& what, const answer& reply) {
  ask(context_.routes.directory, list_rooms{what.which}, reply,
      [this, reply](room_list& rooms) { sum_members(std::move(rooms), reply); });
}

void users::sum_members(room_list rooms, const answer& reply) {
  count_members question;
  for (const auto& each : rooms.listed)
    question.of.push_back(each.audience);
  const auto sum = std::make_shared<counting>();
  sum->members.resize(rooms.listed.size());
  sum->rooms = std::move(rooms);
  sum->answers_left = context_.routes.outlets.size();
  sum->reply = reply;
  for (const auto& outlet : context_.routes.outlets)
    request(outlet, answer_timeout, question)
      .then(
        [sum](const member_counts& seats) {
          for (std::size_t i = 0; i < seats.counts.size(); ++i)
            sum->members[i] += seats.counts[i];
          sum->settle();
        },
        [sum](const caf::error& why) {
          sum->failed = no_answer(why);
          sum->settle();
        });
}

void users::carry_out(const admin::list_members& what, const answer& reply) {
  ask(context_.routes.directory, list_members{what.room, what.which}, reply,
      [reply, room = what.room](const member_list& outcome) {
        reply({outcome.result.transform([&room](const member_list::those& members) {
          return admin::members_json(room, members);
        })});
      });
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
