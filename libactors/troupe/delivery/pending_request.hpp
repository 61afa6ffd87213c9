// What a client waits to be told: that it is in a room, or on which of the topics it asked for.
// There is one at a time (docs/design/0006-one-pending-request.md). Pure; belongs to its
// connection's loop.
#pragma once

#include "troupe/runtime/timer_wheel.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/server_events.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

class pending_request {
public:
  using time_point = timer_wheel::time_point;
  using place = events::topic_position;
  enum class purpose : std::uint8_t { first_room, default_room, join, subscribe, inbox };

  /// `names` are the room, or the topics, each one once; `forbidden` says of which topics nobody is
  /// asked, and why. `id` is the client's; so is `by_channel`,
  /// whether it says *channel* where others say *topic*.
  pending_request(purpose what, const std::vector<std::string>& names, request_id id = {},
                  bool by_channel = false, std::vector<error> forbidden = {});

  /// It is asked now; answers carry `asked`, and are awaited until then.
  void begin(ticket asked, time_point until);

  /// What it has seen of the one room it asks for, if it asks for what it missed.
  const std::optional<position>& seen() const { return seen_; }
  void has_seen(position at) { seen_ = std::move(at); }
  /// Whether it wants to be told who is there.
  bool follows() const { return follows_; }
  void wants_to_follow() { follows_ = true; }

  purpose what() const { return what_; }
  const request_id& id() const { return id_; }
  bool by_channel() const { return by_channel_; }
  time_point until() const { return until_; }

  /// Whether this is one of the names.
  bool awaits(audience_kind kind, std::string_view name) const;

  /// An answer has come: it is in. False if that was the answer to an earlier request.
  bool grant(ticket asked, place in);
  /// An answer has come: it is not, and why. False as above.
  bool refuse(ticket asked, std::string name, error why);
  /// Nobody needs to be asked: it listens already.
  void know(place in);
  /// Answers that have not come by now never will.
  void time_out();

  /// The last answer has come.
  bool settled() const { return answers_left_ == 0; }
  /// All names in the order of the request, without an epoch until granted. A pattern has none; it
  /// is granted when `recovered` is known to be false.
  const std::vector<place>& places() const { return places_; }
  /// The places that are granted, in the order of the request.
  std::vector<place> granted() const;
  /// What was refused, each with the name of the room or topic.
  const std::vector<error>& refused() const { return refused_; }

private:
  place* find(std::string_view name);
  static bool is_granted(const place& in);
  audience_kind kind() const {
    return what_ == purpose::subscribe || what_ == purpose::inbox ? audience_kind::topic
                                                                  : audience_kind::room;
  }

  purpose what_;
  bool by_channel_;
  bool follows_ = false;
  ticket asked_ = 0;
  std::size_t answers_left_;
  request_id id_;
  std::optional<position> seen_;
  time_point until_{};
  std::vector<place> places_;
  std::vector<error> refused_;
};

} // namespace troupe
