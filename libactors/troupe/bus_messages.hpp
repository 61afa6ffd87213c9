// What the server and a message bus (NATS) say to each other: every message between the bus's own
// actor, the bridge's rules, and the services. Values; payloads are shared and immutable.
#pragma once

#include "troupe/runtime/credit.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Something that was published on a subject somebody listens to. The subject is as it came: from
/// outside, and not to be trusted as a name.
struct bus_message {
  std::string subject;
  std::string payload;
  std::string reply;     ///< where an answer is awaited; or empty
  troupe::credit credit; ///< of the link: how much of what came from the bus is still under way
  /// Of a request: by which id its sender follows it, or empty. From outside, and unchecked.
  std::string correlation{};
  /// By which its sender tells a message that it repeats (NATS's `Nats-Msg-Id`); or empty. From
  /// outside, and of any length.
  std::string msg_id{};
};

/// The bus is there, or is away: told to every listener when that changes.
struct bus_state {
  bool connected = false;
};

/// Hears what is published where it listens.
using bus_listener_actor = caf::typed_actor<caf::reacts_to<bus_message>, caf::reacts_to<bus_state>>;

/// To the bus: `who` listens to `subject` (`*` and `>` allowed; from the configuration, never from
/// a client) until it ends. With a `queue`, one of all that listen under this name gets each
/// message.
struct bus_listen {
  std::string subject;
  std::string queue; ///< or empty
  bus_listener_actor who;
};

using bus_headers = std::vector<std::pair<std::string, std::string>>;

/// To the bus: publish. While the bus is away it is kept, up to a bound, or dropped, as configured;
/// what is dropped is counted. A subject that is not valid for publishing is dropped and reported.
struct bus_publish {
  std::string subject;
  std::string payload;
  bus_headers headers;
  troupe::credit
    credit{}; ///< of the client whose message it is: ends when the bus has taken it over
};

/// To the bus: publish and await one answer. Answered with `bus_answer`, always within `within`.
struct bus_request {
  std::string subject;
  std::string payload;
  bus_headers headers;
  std::chrono::milliseconds within{0};
};

struct bus_answer {
  enum class outcome : std::uint8_t {
    answered,
    no_responders, ///< nobody listens there, or the bus is away
    timeout
  } what = outcome::answered;
  std::string payload;
};

/// The link to a bus: one connection, all subscriptions.
using bus_actor = caf::typed_actor<caf::reacts_to<bus_listen>, caf::reacts_to<bus_publish>,
                                   caf::replies_to<bus_request>::with<bus_answer>>;

/// True when `subject` may be published to: non-empty dot-separated tokens of printable ASCII
/// without `*`, `>` and spaces, at most 256 bytes.
bool valid_subject(std::string_view subject);

/// True when `subject` is where somebody awaits an answer, and nothing else can be meant by it:
/// what clients of NATS make up (`_INBOX.…`, `_INBOX_somebody.…`), what begins with `prefix` and a
/// dot, and what NATS makes of these between accounts and clusters. Whoever sends a request chooses
/// the subject of the answer: it must not be a way to publish where the sender may not.
bool valid_inbox(std::string_view subject, std::string_view prefix);

} // namespace troupe

// Behind those of messages.hpp, with room for more of them (checked in bus_messages.cpp).
CAF_BEGIN_TYPE_ID_BLOCK(troupe_bus, caf::first_custom_type_id + 128)
#define TROUPE_BUS_MESSAGE(name)                                                                   \
  CAF_ADD_TYPE_ID(troupe_bus, (troupe::name))                                                      \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::name)
TROUPE_BUS_MESSAGE(bus_message)
TROUPE_BUS_MESSAGE(bus_state)
TROUPE_BUS_MESSAGE(bus_listen)
TROUPE_BUS_MESSAGE(bus_publish)
TROUPE_BUS_MESSAGE(bus_request)
TROUPE_BUS_MESSAGE(bus_answer)
#undef TROUPE_BUS_MESSAGE
CAF_END_TYPE_ID_BLOCK(troupe_bus)
