// Every message between actors: what it means, who sends it, what happens if it is refused.
//
// Those about users and for admins are in user_messages.hpp; `actors.hpp` says who hears which.
// Messages are values; frames inside are shared and immutable.
#pragma once

#include "troupe/actors.hpp"
#include "troupe/bridged.hpp"
#include "troupe/rpc_messages.hpp"
#include "troupe/runtime/credit.hpp"
#include "troupe/user_messages.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/ids.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <string>
#include <variant>

namespace troupe {

// -- into and out of an audience -------------------------------------------------------------------

/// A connection asks the directory to let it into a room or onto a topic. The answer is `enroll` or
/// `refuse` to the connection's outlet, carrying `asked`.
struct enter {
  audience_kind kind = audience_kind::topic;
  std::string name;
  connection_id connection;
  std::string user; ///< its name in that room
  ticket asked = 0;
};

/// The directory hands an `enter` on to the room or topic it found or made.
struct admit {
  connection_id connection;
  std::string user;
  ticket asked = 0;
};

/// A room or topic to the outlet of a connection's loop: it is in. Whatever the audience is sent
/// after this reaches it. If the connection has gone meanwhile, the outlet answers `gone`.
struct enroll {
  audience_id audience{};
  audience_kind kind = audience_kind::topic;
  std::string name;
  std::variant<room_actor, topic_actor> host;
  connection_id connection;
  position at;
  ticket asked = 0;
};

/// To the outlet of a connection's loop: what it asked for is not to be had.
struct refuse {
  connection_id connection;
  ticket asked = 0;
  std::string name;
  error why;
};

/// A connection to a room or topic it is in: it is out. The connection has already stopped
/// listening.
struct leave {
  connection_id connection;
};

/// An outlet to a room or topic that enrolled a connection which was no more.
struct gone {
  connection_id connection;
};

/// A room to an outlet: this connection is out; `last` is what it still gets to hear.
struct expel {
  audience_id audience{};
  connection_id connection;
  frame_ptr last;
};

/// The directory to every outlet: this room or topic has failed. Its listeners are told `why`.
struct dissolve {
  audience_id audience{};
  error why;
};

// -- what is said ------------------------------------------------------------------------------------

/// A member says something in a room. Whoever is no member is told `not_in_room`.
struct say {
  connection_id connection;
  std::string user;    ///< or empty: the member's
  std::string content; ///< JSON
  request_id id;
  troupe::credit credit;
  identity_ptr who{}; ///< by its token, where the server has a tap; or null
  std::string from{}; ///< public id of the connection, where the server has a tap
};

/// A connection publishes: straight to the topic when it subscribes to it, else through the
/// directory. It is answered with `published`, or an error, by way of its outlet.
struct publish {
  std::string topic;
  std::string event;
  std::string data; ///< JSON
  std::string msg_id;
  connection_id connection;
  request_id id;
  troupe::credit credit;
  identity_ptr who{}; ///< by its token, where the server has a tap; or null
  std::string from{}; ///< public id of the connection, where the server has a tap
};

/// The server-side API says something in a room or publishes on a topic, through the directory.
struct post {
  audience_kind kind = audience_kind::topic;
  std::string name{};
  std::string user{};    ///< in a room
  std::string event{};   ///< on a topic
  std::string msg_id{};  ///< on a topic
  std::string content{}; ///< JSON
};

/// Where a message has got its place, or why it has not.
struct posted {
  std::variant<position, error> result;
};

/// To an outlet: a frame for all listeners of an audience on that loop, but `except`.
struct broadcast {
  audience_id audience{};
  frame_ptr what;
  connection_id except;
  troupe::credit credit;
  std::uint64_t offset = 0;                      ///< where the audience stands after it
  std::chrono::steady_clock::time_point since{}; ///< when it came in, for the measure of delays
};

/// To an outlet: a frame for one connection. Dropped when that is gone.
struct unicast {
  connection_id connection;
  frame_ptr what;
};

/// The server-side API to the directory: tell every connection.
struct announce {
  std::string text;
};
struct announced {
  std::uint32_t loops = 0; ///< how many loops the frame was sent to
};

/// The directory to every outlet: a frame for each connection of the loop.
struct broadcast_all {
  frame_ptr what;
  troupe::credit credit{};
};

// -- lives -------------------------------------------------------------------------------------------

/// A room's logic wants another room to be there.
struct open_room {
  std::string name;
};

/// A room or topic to the directory: nobody has been here for a while. `admitted` is how many
/// requests from the directory it has seen; if the directory has sent more, somebody is on the way
/// and the notice is void.
struct idle {
  audience_kind kind = audience_kind::topic;
  std::string name;
  audience_id audience{};
  std::uint64_t admitted = 0;
};

/// The directory to a room or topic: end.
struct retire {};

/// A room or topic to itself, later. `timer` is the logic's number, or one of the actor's own.
struct tick {
  std::uint64_t timer = 0;
};

/// To a connection: say `disconnect`, close with this code.
struct hang_up {
  close_code code = close_code::normal;
  std::string reason;
};

/// To every outlet, at the end: close all connections, one after the other, asking each to come
/// back after a moment of its own.
struct drain {
  std::chrono::milliseconds within{0}; ///< the last one is closed by then
  double rate_each = 0; ///< how many a second for each that the loop has; 0: spread evenly
};

/// `/metrics` to every outlet: how much waits in its outboxes? It writes the answer to the loop's
/// metrics, so that one which comes too late is not lost.
struct measure_outboxes {};
struct outboxes_measured {
  std::uint32_t loop = 0;
};

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe, caf::first_custom_type_id)
#define TROUPE_LOCAL_MESSAGE(name)                                                                 \
  CAF_ADD_TYPE_ID(troupe, (troupe::name))                                                          \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::name)
TROUPE_LOCAL_MESSAGE(enter)
TROUPE_LOCAL_MESSAGE(admit)
TROUPE_LOCAL_MESSAGE(enroll)
TROUPE_LOCAL_MESSAGE(refuse)
TROUPE_LOCAL_MESSAGE(leave)
TROUPE_LOCAL_MESSAGE(gone)
TROUPE_LOCAL_MESSAGE(expel)
TROUPE_LOCAL_MESSAGE(dissolve)
TROUPE_LOCAL_MESSAGE(say)
TROUPE_LOCAL_MESSAGE(publish)
TROUPE_LOCAL_MESSAGE(post)
TROUPE_LOCAL_MESSAGE(posted)
TROUPE_LOCAL_MESSAGE(broadcast)
TROUPE_LOCAL_MESSAGE(unicast)
TROUPE_LOCAL_MESSAGE(announce)
TROUPE_LOCAL_MESSAGE(announced)
TROUPE_LOCAL_MESSAGE(broadcast_all)
TROUPE_LOCAL_MESSAGE(open_room)
TROUPE_LOCAL_MESSAGE(idle)
TROUPE_LOCAL_MESSAGE(retire)
TROUPE_LOCAL_MESSAGE(tick)
TROUPE_LOCAL_MESSAGE(hang_up)
TROUPE_LOCAL_MESSAGE(drain)
TROUPE_LOCAL_MESSAGE(measure_outboxes)
TROUPE_LOCAL_MESSAGE(outboxes_measured)
TROUPE_LOCAL_MESSAGE(arrived)
TROUPE_LOCAL_MESSAGE(changed)
TROUPE_LOCAL_MESSAGE(departed)
TROUPE_LOCAL_MESSAGE(administer)
TROUPE_LOCAL_MESSAGE(administered)
TROUPE_LOCAL_MESSAGE(admin_request)
TROUPE_LOCAL_MESSAGE(multicast)
TROUPE_LOCAL_MESSAGE(close_connections)
TROUPE_LOCAL_MESSAGE(list_rooms)
TROUPE_LOCAL_MESSAGE(room_list)
TROUPE_LOCAL_MESSAGE(count_members)
TROUPE_LOCAL_MESSAGE(member_counts)
TROUPE_LOCAL_MESSAGE(list_members)
TROUPE_LOCAL_MESSAGE(member_list)
TROUPE_LOCAL_MESSAGE(bridged)
TROUPE_LOCAL_MESSAGE(rpc_call)
#undef TROUPE_LOCAL_MESSAGE
CAF_END_TYPE_ID_BLOCK(troupe)
