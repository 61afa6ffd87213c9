// How admins keep order in rooms: what is said to one that is there, and what is to hold in one
// that may come.
#include "troupe/audience/directory.hpp"
#include "troupe/audience/room.hpp"

#include <caf/send.hpp>

namespace troupe {

caf::result<moderated> directory::on_moderate(moderate& word) {
  if (auto remembered = remember(word); !remembered)
    return moderated{fail(std::move(remembered).error())};
  const auto found = rooms_.entries.find(word.room);
  if (found == rooms_.entries.end()) {
    return word.seconds ? moderated{std::size_t{0}}
                        : moderated{fail(errc::not_found, "No such room")};
  }
  const auto its_actor = std::get<room_actor>(found->second.actor);
  if (word.what == moderation::close)
    let_go(rooms_, found); // whoever enters from now on finds a new one
  return delegate(its_actor, std::move(word));
}

// What is to hold in a room for a while outlives it.
result<> directory::remember(const moderate& word) {
  if (!word.seconds)
    return {};
  const bool mutes = word.what == moderation::mute;
  const auto now = context_.observers.now();
  if (forbidden_.set(word.room, mutes ? restriction::mute : restriction::denial,
                     {word.user, word.connection}, now + std::chrono::seconds(*word.seconds), now,
                     context_.live().bounds.denials_max)) {
    if (word.connection != no_connection)
      caf::anon_send(context_.routes.child_of(word.connection), watch{word.connection});
    return {};
  }
  return fail(errc::limit_exceeded, "Too many are muted or kept out of rooms");
}

// Nobody will have that number again, so there is nothing left to forbid.
void directory::on_departure(const departed& news) {
  forbidden_.forget(news.connection, [&](const std::string& room) {
    if (const auto found = rooms_.entries.find(room); found != rooms_.entries.end())
      caf::anon_send(std::get<room_actor>(found->second.actor), news);
  });
}

} // namespace troupe
