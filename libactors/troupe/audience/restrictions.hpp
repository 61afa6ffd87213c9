// What admins have forbidden in rooms, to whom, and until when. Pure.
//
// A room has its own (`restrictions`); the directory has those of all rooms, because they must
// outlive a room that nobody is in (`restriction_book`). The book is bounded, and full rather than
// forgetful: what was answered with success holds for its time.
#pragma once

#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace troupe {

/// Of a room: a user with all its connections, or one connection.
struct room_subject {
  std::string user{}; ///< by its token; or empty
  connection_id connection{};

  bool is(connection_id one, const identity* who) const {
    return user.empty() ? one == connection : who && who->user_id == user;
  }
  auto operator<=>(const room_subject&) const = default;
};

enum class restriction : std::uint8_t { mute, denial };

/// Of one room.
class restrictions {
public:
  /// Holds until then; the last word counts, and one that ends now lifts it.
  void set(restriction what, const room_subject& whom, wall_time until, wall_time now);
  /// How long it still holds for a connection; zero: it does not.
  std::chrono::milliseconds left(restriction what, connection_id one, const identity* who,
                                 wall_time now) const;

  void forget_expired(wall_time now);
  /// It is no more. False when nothing was forbidden to it.
  bool forget(connection_id one);
  bool has(restriction what, const room_subject& whom) const {
    return until_.contains({what, whom});
  }
  std::size_t size() const { return until_.size(); }

private:
  using key = std::pair<restriction, room_subject>;

  std::map<key, wall_time> until_;
};

/// Of all rooms.
class restriction_book {
public:
  /// False when there are `most` already that have not expired.
  bool set(const std::string& room, restriction what, const room_subject& whom, wall_time until,
           wall_time now, std::size_t most);
  /// It is no more. Calls `f(room)` for each room where something was forbidden to it.
  template <class F>
  void forget(connection_id one, F f) {
    for (auto& [room, its] : rooms_)
      if (its.forget(one))
        f(room);
    drop_empty();
  }
  /// What holds in a room that is about to be.
  restrictions of(const std::string& room) const;

private:
  void drop_empty();

  std::map<std::string, restrictions> rooms_; // those with any
};

} // namespace troupe
