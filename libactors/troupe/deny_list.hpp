// Which users, tokens and addresses are not let in, and until when. A value in itself is pure; the
// board that shows the newest to all handshakes is thread-safe.
//
// The list lives in memory: a restart forgets it. It is bounded, and full rather than forgetful: a
// denial that was answered with success holds for its time, unless an admin says otherwise.
#pragma once

#include "troupe/wire/client_address.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// What of a client is denied.
enum class denial : std::uint8_t { user, token };

/// What a client is told who is denied for that.
std::string_view reason_of(denial why);

class deny_list {
public:
  /// Whether the user, or else the token, is denied at `now`.
  std::optional<denial> denies(const identity& who, wall_time now) const;

  /// The last word counts: for the same user or token another time replaces the one before, and one
  /// that ends now lifts it. False when there are `entries_max` already that have not expired.
  bool deny_user(std::string user_id, wall_time until, wall_time now, std::size_t entries_max);
  bool deny_token(std::string token_id, wall_time until, wall_time now, std::size_t entries_max);

  /// Whether the address, or a network it is in, is banned at `now`.
  bool bans(const client_address& from, wall_time now) const;
  /// As `deny_user`, for all addresses of a block.
  bool ban(const address_block& whom, wall_time until, wall_time now, std::size_t entries_max);
  /// False when just that block is not banned.
  bool lift(const address_block& whom, wall_time now);

  struct banned {
    address_block whom;
    wall_time until;
  };
  /// At most `limit` bans that have not expired, behind `after`: wide networks before narrow ones.
  std::vector<banned> all_bans(const std::optional<address_block>& after, std::size_t limit,
                               wall_time now) const;
  bool any_bans() const { return !addresses_.empty(); }

  std::size_t size() const { return users_.size() + tokens_.size() + addresses_.size(); }

private:
  using entries = keyed_map<std::string, wall_time>;
  // By length of the prefix and first address: an address is looked for once a length.
  using block_key = std::pair<unsigned, client_address>;
  static block_key key_of(const address_block& whom) { return {whom.bits, whom.first}; }

  template <class Entries>
  bool add(Entries& to, typename Entries::key_type whom, wall_time until, wall_time now,
           std::size_t entries_max);
  void forget_expired(wall_time now);
  static bool holds(const entries& list, const std::string& name, wall_time now);

  entries users_;
  entries tokens_;
  std::map<block_key, wall_time> addresses_;
};

/// Where the newest list hangs. The lock is held for the copy of a pointer, at handshakes and
/// refreshes only; `std::atomic<std::shared_ptr>` of GCC 12 would be a data race (its load lets go
/// of the pointer without a release).
class deny_board {
public:
  std::optional<denial> denies(const identity& who, wall_time now) const {
    const auto list = newest();
    return list ? list->denies(who, now) : std::nullopt;
  }
  /// Asked for each socket and request: it takes no lock while nobody is banned.
  bool bans(const client_address& from, wall_time now) const {
    if (!any_bans_.load(std::memory_order_acquire))
      return false;
    const auto list = newest();
    return list && list->bans(from, now);
  }
  std::shared_ptr<const deny_list> newest() const {
    const std::lock_guard held(lock_);
    return newest_;
  }
  void show(std::shared_ptr<const deny_list> list) {
    const std::lock_guard held(lock_);
    any_bans_.store(list && list->any_bans(), std::memory_order_release);
    newest_.swap(list); // the old one ends after the lock
  }

private:
  mutable std::mutex lock_;
  std::shared_ptr<const deny_list> newest_;
  std::atomic<bool> any_bans_{false};
};

} // namespace troupe
