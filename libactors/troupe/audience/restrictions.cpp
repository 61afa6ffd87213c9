#include "troupe/audience/restrictions.hpp"

#include <algorithm>

namespace troupe {

void restrictions::set(restriction what, const room_subject& whom, wall_time until, wall_time now) {
  forget_expired(now);
  if (until > now)
    until_[{what, whom}] = until;
  else
    until_.erase({what, whom});
}

std::chrono::milliseconds restrictions::left(restriction what, connection_id one,
                                             const identity* who, wall_time now) const {
  wall_time until = now;
  const auto consider = [&](const room_subject& whom) {
    if (const auto found = until_.find({what, whom}); found != until_.end())
      until = std::max(until, found->second);
  };
  consider({.connection = one});
  if (who)
    consider({.user = who->user_id});
  return std::chrono::ceil<std::chrono::milliseconds>(until - now);
}

void restrictions::forget_expired(wall_time now) {
  std::erase_if(until_, [now](const auto& each) { return each.second <= now; });
}

bool restrictions::forget(connection_id one) {
  const room_subject whom{.connection = one};
  return until_.erase({restriction::mute, whom}) + until_.erase({restriction::denial, whom}) > 0;
}

bool restriction_book::set(const std::string& room, restriction what, const room_subject& whom,
                           wall_time until, wall_time now, std::size_t most) {
  std::size_t held = 0;
  for (auto& [name, its] : rooms_) {
    its.forget_expired(now);
    held += its.size();
  }
  auto& here = rooms_[room];
  const bool room_for_it = held < most || until <= now || here.has(what, whom);
  if (room_for_it)
    here.set(what, whom, until, now);
  drop_empty();
  return room_for_it;
}

void restriction_book::drop_empty() {
  std::erase_if(rooms_, [](const auto& each) { return each.second.size() == 0; });
}

restrictions restriction_book::of(const std::string& room) const {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? restrictions{} : found->second;
}

} // namespace troupe
