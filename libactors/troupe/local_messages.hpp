// The messages that never leave the process: they carry what means something only here, such as a
// credit, a frame, a clock's time, the handle of an actor or an `audience_id`. Part of
// messages.hpp, which gives them their type ids. At a border a relay would send the values they
// wrap, and end the credit. What is asked for an answer is in local_questions.hpp.
#pragma once

#include "troupe/actors.hpp"
#include "troupe/bridged.hpp"
#include "troupe/kept_event.hpp"
#include "troupe/local_questions.hpp"
#include "troupe/remote_messages.hpp"
#include "troupe/runtime/credit.hpp"
#include "troupe/wire/event_frame.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe {

// -- into and out of an audience -------------------------------------------------------------------

/// What becomes of a listener who has seen an earlier position.
struct resumption {
  missed_ptr missed; ///< what it gets before anything else; null: that is not known any more

  bool recovered() const { return missed != nullptr; }
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
  std::optional<resumption> resumed{}; ///< where it asked for what it missed
};

/// A room or topic to an outlet: this listener, if it is one, is told who is there and from now on
/// who comes and goes; or, without a `page`, no more.
struct follow {
  audience_id audience{};
  connection_id connection;
  event_ptr page{};
};

/// A room to an outlet: this connection is out; `last` is what it still gets to hear.
struct expel {
  audience_id audience{};
  connection_id connection;
  event_ptr last;
};

/// The directory to every outlet: this room or topic has failed. Its listeners are told `why`.
struct dissolve {
  audience_id audience{};
  error why;
};

// -- what is said ------------------------------------------------------------------------------------

/// A member says something in a room. Whoever is no member is told `not_in_room`.
struct say {
  room_message what;
  troupe::credit credit;
};

/// A connection publishes: straight to the topic when it subscribes to it, else through the
/// directory. It is answered with `published`, or an error, by way of its outlet.
struct publish {
  publication what;
  troupe::credit credit;
};

/// A connection tells the others where it listens something that passes: without a place, kept by
/// nobody, and dropped first for who reads too slowly. Not answered, unless with an error.
struct signal {
  passing what;
  troupe::credit credit;
};

/// To whom of an audience something goes, and how.
struct delivery {
  connection_id except{}; ///< not to this one; or `no_connection`
  bool passing = false;   ///< dropped first for who reads too slowly: a signal
  std::string role{};     ///< only to who has it; empty: to all
  /// Nobody gets it from then on.
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

/// To an outlet: an event for the listeners of an audience on that loop.
struct broadcast {
  audience_id audience{};
  encoded_event what;
  delivery how;
  troupe::credit credit;
  std::uint64_t offset = 0;                      ///< where the audience stands after it
  std::chrono::steady_clock::time_point since{}; ///< when it came in, for the measure of delays
  bool by_pattern = false; ///< somebody on that loop listens by a pattern that matches the topic
};

/// To an outlet: who has come and gone, for the listeners of an audience that follow it.
struct presence_news {
  audience_id audience{};
  encoded_event what;
};

/// A connection to a room or topic it is in: what others are to see of its user. Answered with
/// `presence_updated`, or an error, by way of its outlet.
struct set_presence {
  audience_kind kind = audience_kind::room;
  std::string name;
  std::string state; ///< JSON: an object; or empty
  connection_id connection;
  request_id id;
  troupe::credit credit;
};

/// To an outlet: an event for one connection, which encodes it. Dropped when that is gone.
struct unicast {
  connection_id connection;
  event_ptr what;
};

/// The directory to every outlet: an event for each connection of the loop.
struct broadcast_all {
  encoded_event what;
  troupe::credit credit{};
};

/// The users to an outlet: an event for some of its connections. Those that are gone are passed
/// over.
struct multicast {
  std::vector<connection_id> to;
  encoded_event what;
  troupe::credit credit{};
};

// -- lives -------------------------------------------------------------------------------------------

/// A room or topic to the directory: nobody is here. `admitted` is how many requests from the
/// directory it has seen; if the directory has sent more, somebody is on the way and the notice is
/// void.
struct idle {
  audience_kind kind = audience_kind::topic;
  std::string name;
  audience_id audience{};
  std::uint64_t admitted = 0;
  bool spare = false; ///< it need not end yet, but may as soon as its place is needed
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
