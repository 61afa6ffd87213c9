// What a server says, before it is text: one struct an event of server_events.def. Pure.
//
// A room or topic makes an event, a dialect turns it into text, the transport frames that. Whatever
// outlives one client, such as a history, keeps events and not bytes.
#pragma once

#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/timestamp.hpp"

#include <caf/intrusive_ptr.hpp>
#include <caf/make_counted.hpp>
#include <caf/ref_counted.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

class shared_event;

namespace events {

/// Where a room or topic stands for somebody who has just come to it. A pattern of topics stands
/// nowhere: it has no epoch.
struct topic_position {
  std::string name;
  position at;
  std::optional<bool> recovered{};    ///< where it was asked: whether all that was missed follows
  std::optional<std::uint64_t> top{}; ///< and the offset where that ends
};

/// A user or a connection, as others see that it is there.
struct present_user {
  std::string user;
  std::string user_id{};         ///< by its token; or empty
  std::string from{};            ///< public id of a connection without one; or empty
  std::uint64_t connections = 0; ///< of the user; 0: it has left
  std::string state{};           ///< JSON, as one of them has set it; or empty
};

/// The kinds of fields: how a value is held here. How it is written is a dialect's affair.
namespace kinds {
using text = std::string;
using optional_text = std::string; ///< left out when empty
using texts = std::vector<std::string>;
using number = std::uint64_t;
using optional_number = std::optional<std::uint64_t>;
using flag = bool;
using optional_flag = std::optional<bool>;
using seconds = std::chrono::milliseconds; ///< written as seconds
using time = wall_time;
using json = std::string;    ///< one JSON value
using members = std::string; ///< members of the frame: `,"a":1`, each with the comma before it
using request = request_id;  ///< the request that is answered; left out when empty
using person = identity_ptr; ///< never null
using positions = std::vector<topic_position>;
using refusals = std::vector<troupe::error>;                    ///< of topics; left out when empty
using present_users = std::optional<std::vector<present_user>>; ///< where more than a count is told
using frames = std::vector<caf::intrusive_ptr<const shared_event>>; ///< each as a frame of its own
} // namespace kinds

#define TROUPE_EVENT(name, type) struct name {
#define TROUPE_NAMED_EVENT(name)                                                                   \
  struct name {                                                                                    \
    std::string type{};
#define TROUPE_FIELD(key, kind) kinds::kind key{};
#define TROUPE_EVENT_END                                                                           \
  }                                                                                                \
  ;
#include "troupe/wire/server_events.def"

/// What a client is told when its request, or it itself, was refused.
error refusal(const troupe::error& why, request_id id = {});

/// The last words before the server closes. `after`: when the client should come back.
disconnect closing(close_code code, std::string_view reason, std::chrono::milliseconds after = {});

} // namespace events

struct no_event {};

#define TROUPE_EVENT(name, type) , events::name
#define TROUPE_NAMED_EVENT(name) , events::name
#define TROUPE_FIELD(key, kind)
#define TROUPE_EVENT_END
using server_event = std::variant<no_event
#include "troupe/wire/server_events.def"
                                  >;

/// An event that several share. Immutable, counted atomically: it crosses threads.
class shared_event final : public caf::ref_counted {
public:
  /// Of an event, or of a `server_event`.
  template <class Event>
  explicit shared_event(Event&& what) : what_(std::forward<Event>(what)) {}

  const server_event& what() const { return what_; }

private:
  const server_event what_;
};

using event_ptr = caf::intrusive_ptr<const shared_event>;

template <class Event>
event_ptr share(Event&& what) {
  return caf::make_counted<shared_event>(std::forward<Event>(what));
}

} // namespace troupe
