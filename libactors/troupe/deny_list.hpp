// Which users and tokens are not let in, and until when. A value in itself is pure; the board that
// shows the newest to all handshakes is thread-safe.
//
// The list lives in memory: a restart forgets it. It is bounded, and full rather than forgetful: a
// denial that was answered with success holds for its time.
#pragma once

#include "troupe/wire/identity.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe {

class deny_list {
public:
  /// Whether the user or the token is denied at `now`.
  bool denies(const identity& who, wall_time now) const;

  /// A longer time for the same user or token replaces a shorter one, but not the other way round.
  /// False when there are `entries_max` already that have not expired.
  bool deny_user(std::string user_id, wall_time until, wall_time now, std::size_t entries_max);
  bool deny_token(std::string token_id, wall_time until, wall_time now, std::size_t entries_max);

  std::size_t size() const { return users_.size() + tokens_.size(); }

private:
  using entries = keyed_map<std::string, wall_time>;

  bool add(entries& to, std::string name, wall_time until, wall_time now, std::size_t entries_max);
  static bool holds(const entries& list, const std::string& name, wall_time now);

  entries users_;
  entries tokens_;
};

/// Where the newest list hangs. The lock is held for the copy of a pointer, at handshakes and
/// refreshes only; `std::atomic<std::shared_ptr>` of GCC 12 would be a data race (its load lets go
/// of the pointer without a release).
class deny_board {
public:
  bool denies(const identity& who, wall_time now) const {
    const auto list = newest();
    return list && list->denies(who, now);
  }
  std::shared_ptr<const deny_list> newest() const {
    const std::lock_guard held(lock_);
    return newest_;
  }
  void show(std::shared_ptr<const deny_list> list) {
    const std::lock_guard held(lock_);
    newest_.swap(list); // the old one ends after the lock
  }

private:
  mutable std::mutex lock_;
  std::shared_ptr<const deny_list> newest_;
};

} // namespace troupe
