// Who may do what with which topics and rooms: the namespaces of the configuration. Pure;
// read-only once the server runs.
#pragma once

#include "troupe/name_pattern.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

enum class action : std::uint8_t { subscribe, publish, join, presence, history };
inline constexpr std::string_view action_names[] = {"subscribe", "publish", "join", "presence",
                                                    "history"};

/// What happens when a client does not take what it is sent, once its outbox is full.
enum class slow_consumer : std::uint8_t {
  close,       ///< close with 4409
  drop_oldest, ///< the oldest frames of the namespace go; a `gap` frame says so
  latest_only  ///< of each topic or room only the newest frame waits; a `gap` frame says so
};

/// What there is to be seen of who is in a room, or on a topic.
enum class presence_mode : std::uint8_t {
  off,   ///< nothing
  count, ///< how many they are
  list   ///< who they are
};
inline constexpr std::string_view presence_mode_names[] = {"off", "count", "list"};

/// Whom a rule lets do something.
struct grant {
  enum class to : std::uint8_t { nobody, anyone, authenticated } general = to::nobody;
  std::vector<std::string> roles; ///< whoever has one of these ...
  bool by_permission = false;     ///< ... or a permission of its token, such as `join:game.*`

  /// Whether nobody can have it.
  bool is_to_nobody() const { return general == to::nobody && roles.empty() && !by_permission; }
};

/// One `[[namespace]]`.
struct namespace_rule {
  std::vector<std::string> patterns;     ///< as name_pattern reads them
  grant grants[5]{};                     ///< by action
  std::vector<std::string> denied_roles; ///< whoever has one of these may do nothing here
  std::size_t message_bytes_max = 0;     ///< of one message's content; 0: as long as a frame
  std::uint32_t members_max = 0;         ///< of a room; 0: limits.members_per_room_max
  std::uint32_t messages_per_minute = 0; ///< of a room or topic from all clients; 0: any number
  slow_consumer slow = slow_consumer::close;
  /// How much is kept of what is said; what is not given here is as the defaults have it.
  std::optional<std::uint32_t> history_messages{};
  std::optional<std::size_t> history_bytes{};
  std::optional<std::chrono::milliseconds> history_age{};
  std::uint32_t greet = 0; ///< so many of the last messages are sent to who comes
  bool by_pattern = false; ///< its topics may be heard by a pattern
  /// What is to be seen of who is there, and for how long a user who has gone still counts; what is
  /// not given here is as the defaults have it.
  std::optional<presence_mode> presence{};
  std::optional<std::chrono::milliseconds> presence_linger{};
  /// Up to so many members a room tells of each who comes and goes; 0: never.
  std::optional<std::uint32_t> joins_told_max{};
};

/// What one namespace says to somebody, and why.
struct judgement {
  enum class kind : std::uint8_t {
    another,       ///< the name is another user's
    denied,        ///< its `deny` has a role of theirs
    anyone,        ///< granted to anyone
    authenticated, ///< granted to whoever has a token
    role,          ///< granted to a role of theirs
    permission,    ///< granted by a permission of theirs
    nobody,        ///< granted to nobody
    not_granted    ///< by none of these
  } why = kind::not_granted;
  std::string_view word{}; ///< the role or permission; of the rule or the identity
  /// The pattern with placeholders by which the name is theirs, or another's; or empty.
  std::string_view pattern{};

  bool allows() const {
    return why != kind::another && why != kind::denied && why != kind::nobody &&
           why != kind::not_granted;
  }
};

/// Tokens of a name (names.hpp) or `*`, separated by dots; the last one may be `>`. Before a
/// wildcard may be what ends with a slash, so that rooms of a type have a pattern: `poll/*`.
bool valid_pattern(std::string_view pattern);

/// True when `pattern` is one and matches `name`, which is one, by NATS rules: `*` is one token,
/// `>` one or more; behind a slash, what is left of the token, and for `>` of the name.
bool matches_pattern(std::string_view pattern, std::string_view name);

class access_rules {
public:
  /// Everything is open.
  access_rules();
  /// What no namespace matches is closed, or open to all.
  explicit access_rules(std::vector<namespace_rule> namespaces, bool open_besides = false);

  /// Every namespace that matches `name` must allow it (deny wins); `who` may be null. One that has
  /// the name for another user allows nothing. What is malformed in permissions grants nothing.
  bool allow(action what, std::string_view name, const identity* who) const;
  /// What somebody is told whom `allow` does not let do that: what is missing.
  error refusal(action what, std::string_view name) const;

  /// Whether somebody may subscribe by this pattern: a namespace that lets topics be heard so has
  /// all of its names and lets them subscribe, and no other that has all of them refuses it.
  bool allow_pattern(std::string_view pattern, const identity* who) const;
  /// Whether somebody who listens by a pattern may hear this topic, which it matches: all allow it,
  /// as if they had asked for it, and the first lets it be heard so.
  bool hears_by_pattern(std::string_view topic, const identity* who) const;
  /// Whether anybody may; then nobody needs to be asked for.
  bool all_hear_by_pattern(std::string_view topic) const;

  /// What all namespaces that match say, in their order; each with its number. `allow` is what they
  /// say together.
  std::vector<std::pair<std::size_t, judgement>> judge(action what, std::string_view name,
                                                       const identity* who) const;

  /// The numbers of all namespaces that match, in their order: those `allow` asks.
  std::vector<std::size_t> all_of(std::string_view name) const;

  /// The first namespace that matches, or null: what does not depend on who asks.
  const namespace_rule* of(std::string_view name) const;

  const std::vector<namespace_rule>& namespaces() const { return namespaces_; }

  /// Whether some namespace says itself that presence is kept.
  bool any_keeps_presence() const { return any_keeps_presence_; }

private:
  // A pattern of namespaces_[space].
  struct matcher {
    std::uint32_t space;
    name_pattern pattern;
  };

  // Calls `f(space, judgement)` for each that matches, until that returns false.
  template <class F>
  void judge_each(action what, std::string_view name, const identity* who, F f) const;

  std::vector<namespace_rule> namespaces_;
  std::vector<matcher> matchers_; ///< in the order of namespaces_
  bool open_besides_ = true;      ///< what none matches
  bool any_keeps_presence_ = false;
};

/// The claims that the patterns of some namespaces name, each once.
std::vector<std::string> claims_named_by(const std::vector<namespace_rule>& namespaces);

} // namespace troupe
