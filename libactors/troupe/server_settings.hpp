// What a server is told when it starts (`server_settings`), and what may be replaced while it runs
// (`live_settings`). Both are values; nobody but their owner writes them.
#pragma once

#include "troupe/access.hpp"
#include "troupe/room_logic.hpp"
#include "troupe/runtime/admission.hpp"
#include "troupe/seam_rules.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/keyed_hash.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/public_id.hpp"
#include "troupe/wire/rpc_rules.hpp"
#include "troupe/wire/sender_text.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Read-only once the first connection is there. Thread-safe from then on.
struct server_settings {
  std::string server_name = "Troupe";
  std::chrono::milliseconds heartbeat{30'000};
  room_types rooms;
  /// The room of those who connect to none, if they may join it; or empty. What they say without
  /// naming a room goes there.
  std::string default_room;
  /// The topic of each user with a token, as inbox.hpp reads it; or empty.
  std::string inbox;

  /// Drawn anew at each start: tells the epochs of this run from those before.
  std::string epoch;
  /// Secret, drawn anew at each start: what rooms draw from, and the key of hashes and public ids.
  std::uint64_t seed = 0;

  /// A room's or topic's number, by which its loop is chosen: nobody outside can aim at a loop.
  std::uint64_t hash_of(audience_kind kind, std::string_view name) const {
    return keyed_hash(seed, static_cast<std::uint64_t>(kind))(name);
  }

  /// What anybody outside is told of a connection of this node. Any thread.
  std::string public_id(connection_id connection) const {
    return troupe::public_id(connection, seed);
  }
  /// The connection of this public id, which may be no more; `no_connection`: it is none.
  connection_id connection_of(std::string_view public_id) const {
    return troupe::connection_of(public_id, seed);
  }

  /// By which a client without a token is the same sender on another connection, and back. Any
  /// thread.
  std::string session_of(std::uint64_t sender) const { return sender_text(sender, seed); }
  std::optional<std::uint64_t> sender_of(std::string_view session) const {
    return read_sender_text(session, seed);
  }

  /// Whom something is charged to: those of one address, by its bytes, and of one user. Any thread.
  holder_id address_holder(std::string_view bytes) const {
    constexpr std::uint64_t purpose = 0x6164647265737321u; // the key has other uses, too
    return holder_id{keyed_hash(seed, purpose)(bytes)};
  }
  holder_id user_holder(std::string_view user_id) const {
    constexpr std::uint64_t purpose = 0x7573657273202121u;
    return holder_id{keyed_hash(seed, purpose)(user_id)};
  }

  /// The key of what a room draws: see secret_draws.hpp.
  std::uint64_t seed_of(audience_id audience) const {
    return keyed_hash(seed, static_cast<std::uint64_t>(audience))("a room's draws");
  }

  /// Who a token says its bearer is. Null when no tokens are in use. Any thread.
  std::function<token_verdict(std::string_view token)> verify;
  /// Counts a connection that becomes a user's while it lives among his; nothing when he has too
  /// many. Whoever comes with a token has been counted before. Null: nobody counts. Any thread.
  std::function<std::optional<admission>(const std::string& user_id, gcra::time_point now)>
    admit_user;
  /// How long a connection may outlive the end of its token.
  std::chrono::milliseconds expiry_grace{10'000};
  /// What joins old messages and new. Only tests change it.
  seam_rules seam{};
};

/// How much is kept of what is said in a room or on a topic, where its namespace says nothing else.
struct history_rule {
  std::uint32_t messages = 0; ///< 0: none
  std::size_t bytes = 256 * 1024;
  std::chrono::milliseconds age{0};
};

/// What is to be seen of who is in a room or on a topic, where its namespace says nothing else.
struct presence_rule {
  presence_mode mode = presence_mode::list;
  std::chrono::milliseconds linger{5'000}; ///< before a user who has gone is said to have left
  std::uint32_t joins_told_max = 100;      ///< of members; above that nobody's coming is told
};

/// What an operator may change without a restart. Immutable: it is replaced as a whole, so that
/// nobody sees half of a change.
struct live_settings {
  limits bounds{};
  access_rules access{}; ///< who may do what, by namespace
  history_rule room_history{100, 256 * 1024, std::chrono::minutes(10)};
  history_rule topic_history{};
  presence_mode room_presence = presence_mode::list;
  presence_mode topic_presence = presence_mode::off; ///< kept only where somebody wants it
  rpc_rules rpc{};                                   ///< which services clients may call
  /// Whether a rule may bring an event of that type to that topic, so that clients may not; or
  /// null.
  std::function<bool(std::string_view topic, std::string_view event)> from_services{};
  /// Keys of the server-side API, and the origins of pages that may connect (origin.hpp).
  std::vector<std::string> api_keys{};
  std::vector<std::string> origins{};
  /// What only the server itself is called: clients without a token may not.
  std::vector<std::string> reserved_names{"server"};

  /// Of a name whose first namespace is `where`; null: it has none.
  history_rule history_of(audience_kind kind, const namespace_rule* where) const {
    history_rule out = kind == audience_kind::room ? room_history : topic_history;
    if (where) {
      out.messages = where->history_messages.value_or(out.messages);
      out.bytes = where->history_bytes.value_or(out.bytes);
      out.age = where->history_age.value_or(out.age);
    }
    if (out.age.count() == 0)
      out.messages = 0;
    return out;
  }

  /// The same of who is there.
  presence_rule presence_of(audience_kind kind, const namespace_rule* where) const {
    presence_rule out{.mode = kind == audience_kind::room ? room_presence : topic_presence};
    if (where) {
      out.mode = where->presence.value_or(out.mode);
      out.linger = where->presence_linger.value_or(out.linger);
      out.joins_told_max = where->joins_told_max.value_or(out.joins_told_max);
    }
    return out;
  }

  /// Whether a topic wants to know who its subscribers are. Mostly none does, and then nobody looks
  /// for its namespace.
  bool topic_keeps_presence(std::string_view topic) const {
    if (topic_presence == presence_mode::off && !access.any_keeps_presence())
      return false;
    return presence_of(audience_kind::topic, access.of(topic)).mode != presence_mode::off;
  }
};

/// Where the current `live_settings` hang. Thread-safe; reading is one load.
///
/// A reader may keep what it read for as long as the board lives: replaced settings are kept until
/// then. They are some kilobytes each, and it takes an operator's hand to replace them.
class settings_board {
public:
  settings_board() { replace({}); }
  explicit settings_board(live_settings first) { replace(std::move(first)); }

  const live_settings& current() const { return *current_.load(std::memory_order_acquire); }

  void replace(live_settings next) {
    const std::lock_guard held(lock_);
    all_.push_back(std::make_unique<const live_settings>(std::move(next)));
    current_.store(all_.back().get(), std::memory_order_release);
  }

private:
  std::mutex lock_;
  std::vector<std::unique_ptr<const live_settings>> all_;
  std::atomic<const live_settings*> current_{nullptr};
};

} // namespace troupe
