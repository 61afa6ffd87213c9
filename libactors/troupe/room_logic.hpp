// The extension point: what a room type may do, and what it must answer.
//
// A room type is a class with callbacks, run by the one generic room actor. It sees members and
// messages, never sockets, threads or clocks of its own, so the same calls in the same order always
// give the same result. docs/extending.md walks through writing one. Called inside the room's
// actor.
#pragma once

#include "troupe/json/json_text.hpp"
#include "troupe/roster.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/result.hpp"
#include "troupe/wire/timestamp.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// What a room's logic can do. Everything takes effect in the order of the calls.
class room_context {
public:
  virtual std::string_view name() const = 0;
  virtual const roster& members() const = 0;
  /// What the user of a member shows of himself (`set_presence`), as JSON; or empty. Valid until
  /// the callback is over.
  virtual std::string_view shown_by(connection_id who) const = 0;

  /// A frame `{"type":type,"room":…,<fields>,"timestamp":…}` to one member.
  virtual void send(connection_id to, std::string_view type, const json_fields& fields) = 0;
  /// The same to all members, numbered: it has an `offset`, and every member gets it.
  virtual void broadcast(std::string_view type, const json_fields& fields) = 0;
  /// A notice to all members that passes: not numbered and not kept, so who comes back does not get
  /// it.
  virtual void notify(std::string_view type, const json_fields& fields) = 0;
  /// A notice to all members but one. Not numbered, because not everybody gets it.
  virtual void broadcast_except(connection_id except, std::string_view type,
                                const json_fields& fields) = 0;
  /// Tells one member that what it asked for was refused.
  virtual void refuse(connection_id to, const error& why) = 0;
  /// When this callback is over, the member is out: it is told `left`, with the reason if there is
  /// one, and `on_leave` follows. It may come back, unless `may_join` forbids it. False: it is no
  /// member.
  virtual bool put_out(connection_id who, const std::string& reason) = 0;

  /// Publishes on a topic: `{"type":event,"topic":…,"data":data,"from":"server",…}`; `data` is
  /// JSON. Refused where topic or event are no valid names.
  virtual result<> publish(std::string_view topic, std::string_view event,
                           std::string_view data) = 0;
  /// A frame to all connections of a user, by the id in the token, whether in the room or not.
  /// Refused where that is no id, or the type is none.
  virtual result<> send_to_user(std::string_view user_id, std::string_view type,
                                const json_fields& fields) = 0;

  /// Leaves `json` for the room's next life: `remembered()` has it when the room comes back, for as
  /// long as its history would be kept; nothing where it keeps none. Each call replaces the last.
  /// Refused (`limit_exceeded`) when longer than `limits.remembered_bytes_max`.
  virtual result<> remember(std::string_view json) = 0;
  /// What was last left, now or before the room ended; or empty. Valid until the next `remember`.
  virtual std::string_view remembered() const = 0;

  /// Calls `on_tick(timer)` after `delay`.
  virtual void after(std::chrono::milliseconds delay, std::uint32_t timer) = 0;
  /// Makes sure that another room is there.
  virtual void open(std::string_view room) = 0;
  /// Sends everybody out and ends the room.
  virtual void close() = 0;

  virtual wall_time now() const = 0;
  /// Uniform in `[0, below)`. Nobody can tell it beforehand, whatever draws it has seen.
  virtual std::uint64_t random(std::uint64_t below) = 0;

protected:
  ~room_context() = default;
};

class room_logic {
public:
  virtual ~room_logic() = default;

  /// The room has come to be, or come back: `remembered()` is what it left.
  virtual void on_open(room_context&) {}

  /// Whether somebody may join; an error is what it is told. `member::who` is what its token says.
  virtual result<> may_join(room_context&, const member&) { return {}; }

  /// Somebody is in (already among the members). By default the others are told `user_joined`, as
  /// long as there are not too many: see `member::announced`.
  virtual void on_join(room_context& room, const member& who);

  /// A member has another token, or its first; it is among the members as `now`. If its name is
  /// another one too, `on_rename` follows.
  virtual void on_identify(room_context&, const member& /*before*/, const member& /*now*/) {}

  /// A member is called something else, because it has joined again or has another token; it is
  /// among the members as `now`. By default the others are told `user_left` and `user_joined`.
  virtual void on_rename(room_context& room, const member& before, const member& now);

  /// A member has said something. `user` is its name, or the one it gave with the message;
  /// `content` is JSON. `from.who` is what its token says now.
  virtual void on_message(room_context& room, const member& from, std::string_view user,
                          std::string_view content) = 0;

  /// A member shows something else of itself: `shown_by` has it. Who follows the room's presence is
  /// told in any case.
  virtual void on_presence(room_context&, const member& /*who*/) {}

  /// The server-side API has said something. By default it is broadcast like a chat message.
  virtual void on_post(room_context& room, std::string_view user, std::string_view content);

  /// A bridge's rule has something for the room, of a type and with fields of its own. By default
  /// it is broadcast as it is.
  virtual void on_event(room_context& room, std::string_view type, const json_fields& fields);

  /// Somebody is out (no longer among the members). By default the others are told `user_left`.
  virtual void on_leave(room_context& room, const member& who);

  /// A timer set with `after`.
  virtual void on_tick(room_context&, std::uint32_t /*timer*/) {}
};

/// The room types of a server by name. A room called `type/…` is of that type, every other one of
/// the type `chat`.
using room_types = std::map<std::string, std::function<std::unique_ptr<room_logic>()>, std::less<>>;

/// The type that a room's name asks for.
room_types::const_iterator type_of(const room_types& types, std::string_view room);

/// The type of rooms whose name asks for none.
inline constexpr std::string_view default_room_type = "chat";

} // namespace troupe
