// The messages that may leave the process one day, and what the others wrap: what each means, who
// sends it, what happens if it is refused. Part of messages.hpp, which gives them their type ids.
//
// The rule: values only. Strings, numbers, ids that mean the same everywhere (a connection_id, a
// ticket, a position), and an audience by its kind and name. No credit, no clock, no handle of an
// actor, no pointer, and none of this process's own numbers: whatever has one is in
// local_messages.hpp. An identity is a value, too: it is immutable, and shared only to save copies.
// tests/architecture_test.py holds every field to this.
#pragma once

#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

// -- into and out of an audience -------------------------------------------------------------------

/// A connection asks the directory to let it into a room or onto a topic. The answer is `enroll` or
/// `refuse` to the connection's outlet, carrying `asked`: the ticket of this enrolment.
struct enter {
  audience_kind kind = audience_kind::topic;
  std::string name;
  connection_id connection;
  ticket asked = 0;
  std::string user{};              ///< where it is asked who listens: its name there
  identity_ptr who{};              ///< likewise: by its token; or null
  std::string from{};              ///< likewise: its public id
  holders on{};                    ///< whom the name is charged to if it has to be made
  std::optional<position> since{}; ///< what it has seen, where it asks for what it missed
  std::optional<bool> follows{};   ///< it wants to be told who is there, or no more
};

/// The directory hands an `enter` on to the room or topic it found or made.
struct admit {
  audience_kind kind = audience_kind::topic;
  std::string name;
  connection_id connection;
  ticket asked = 0;
  std::string user{};
  identity_ptr who{};
  std::string from{};
  std::optional<position> since{};
  std::optional<bool> follows{};
};

/// To the outlet of a connection's loop: what it asked for was refused.
struct refuse {
  audience_kind kind = audience_kind::topic;
  std::string name;
  connection_id connection;
  ticket asked = 0;
  error why;
};

/// A connection to a room or topic it is in: it is out. The connection has already stopped
/// listening. `asked` is the ticket of the enrolment that ends; a later one is not touched.
struct leave {
  audience_kind kind = audience_kind::topic;
  std::string name;
  connection_id connection;
  ticket asked = 0;
};

/// An outlet to a room or topic that enrolled a connection which was no more. Ends that enrolment
/// as `leave` does.
struct gone {
  audience_kind kind = audience_kind::topic;
  std::string name;
  connection_id connection;
  ticket asked = 0;
};

/// A connection to each room it is in, and each topic that keeps presence: it has another token, or
/// its first. What it has asked for
/// before the ticket `since` does not know of it, and may still be on the way.
struct identify {
  connection_id connection;
  identity_ptr who;
  ticket since = 0;
};

// -- topics by a pattern -----------------------------------------------------------------------------

/// A connection asks the directory to hear all topics that match a pattern. The answer is
/// `pattern_granted` or `refuse` to its outlet.
struct subscribe_pattern {
  std::string pattern;
  connection_id connection;
  ticket asked = 0;
  holders on{}; ///< whom the pattern is charged to if nobody else has it
};

/// An outlet to the directory: this connection hears it no more, or was gone before it did.
struct unsubscribe_pattern {
  std::string pattern;
  connection_id connection;
};

enum class pattern_news : std::uint8_t {
  none,  ///< all know it already
  first, ///< somebody behind the child of `connection` listens by it
  last   ///< nobody there does any more
};

/// The directory to the first outlet, and each outlet to the next: what is to be known of this
/// pattern on every loop. The last one tells the connection's, if there is an answer.
struct spread_pattern {
  std::string pattern;
  pattern_news what = pattern_news::none;
  connection_id connection;
  ticket asked = 0;
  bool answered = false;
};

/// The last outlet to that of a connection: it hears all topics that match.
struct pattern_granted {
  std::string pattern;
  connection_id connection;
  ticket asked = 0;
};

// -- what is said ------------------------------------------------------------------------------------

/// What a member says in a room: see `say`.
struct room_message {
  std::string room;
  connection_id connection;
  std::string user;    ///< or empty: the member's
  std::string content; ///< JSON
  request_id id;
  std::string msg_id{}; ///< its sender's own (msg_id.hpp); or empty
  delivery_options options{};
};

/// What a connection publishes on a topic: see `publish`.
struct publication {
  std::string topic;
  std::string event;
  std::string data;   ///< JSON
  std::string msg_id; ///< its sender's own (msg_id.hpp); or empty
  connection_id connection;
  request_id id;
  identity_ptr who{}; ///< by its token; or null
  std::string from{}; ///< public id of the connection
  holders on{};       ///< whom the topic is charged to if it has to be made
  delivery_options options{};
};

/// What a connection tells the others in a room or on a topic, and nobody keeps: see `signal`.
struct passing {
  audience_kind kind = audience_kind::room;
  std::string name;
  connection_id connection;
  std::string user;    ///< in a room: or empty, the member's
  std::string content; ///< JSON
  request_id id;       ///< of an error
  identity_ptr who{};  ///< by its token; or null
  std::string from{};  ///< public id of the connection
};

/// The server-side API says something in a room or publishes on a topic, through the directory.
struct post {
  audience_kind kind = audience_kind::topic;
  std::string name{};
  std::string user{};    ///< in a room
  std::string event{};   ///< on a topic
  std::string msg_id{};  ///< or empty
  std::string content{}; ///< JSON
  delivery_options options{};
  bool notifies = false; ///< on a topic: it is a `notification`, which has its content in `message`
};

/// Where a message has got its place.
struct posted {
  troupe::result<position> result; ///< without an epoch: it has none
  std::uint64_t listeners = 0;     ///< how many there were then
  bool kept = false;               ///< whoever comes back later is sent it
};

/// The server-side API to the directory: tell every connection.
struct announce {
  std::string text;
};
struct announced {
  std::uint32_t loops = 0; ///< how many loops the frame was sent to
};

/// A room's logic wants another room to be there.
struct open_room {
  std::string name;
};

// -- users -------------------------------------------------------------------------------------------

/// A connection to the users: it is open, by a valid token. Anonymous ones are not told of.
struct arrived {
  connection_id connection;
  identity_ptr who;
};

/// A connection to the users: it has a new token, or its first.
struct changed {
  connection_id connection;
  identity_ptr who;
};

/// A connection that has arrived to the users, or one that is watched to the directory and on to
/// rooms: it is no more.
struct departed {
  connection_id connection;
};

/// The server-side API to the users: an admin wants this.
struct administer {
  admin::command what;
  std::string by; ///< who asks, for the audit log
};

/// What became of it: the answer, a JSON object.
struct administered {
  troupe::result<std::string> result;
  std::optional<std::size_t> connections{}; ///< how many it reached, for the audit log
};

/// The directory to an outlet: something is remembered of this connection. The answer is `departed`
/// when it ends, or at once if it has.
struct watch {
  connection_id connection;
};

/// The users to an outlet: close these of its connections.
struct close_connections {
  std::vector<connection_id> whom;
  close_code code = close_code::kicked;
  std::string reason;
};

enum class moderation : std::uint8_t { kick, mute, close };

/// The users to a room, through the directory, which remembers what is to hold for a while: put
/// members out, silence them, or end. A room that is not there is not made.
struct moderate {
  moderation what = moderation::kick;
  std::string room;
  std::string user{};         ///< whom: by its token; or empty
  connection_id connection{}; ///< or this one
  std::string reason{};       ///< or empty
  /// For how long: of a mute, or of keeping out whom it kicks. 0 lifts it; nothing: as it is.
  std::optional<std::uint64_t> seconds{};
};
struct moderated {
  troupe::result<std::size_t> connections; ///< how many members it was about
};

/// The users to a room or topic, through the directory: how does it stand? One that is not there is
/// not made.
struct describe_audience {
  audience_kind kind = audience_kind::room;
  std::string name;
};
struct audience_described {
  struct state {
    std::size_t listeners = 0;
    position at;
  };
  troupe::result<state> result;
};

} // namespace troupe
