// An event from a bus on its way to clients, as a bridge's rule has shaped it, or why it is not on
// its way. Part of messages.hpp, which gives the message its type id.
#pragma once

#include "troupe/credit.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Whom an event is for: everybody on a topic, in a room, a user, a role, or everybody there is.
enum class bridge_target : std::uint8_t { topic, room, user, role, everyone };
inline constexpr std::array<std::string_view, 5> bridge_target_names{"topic", "room", "user",
                                                                     "role", "everyone"};

/// A rule to the directory (for a topic, a room or everyone), which hands it on, or to the users
/// (for a user or a role). Nobody answers: where nobody listens nothing is made, and it is counted.
struct bridged {
  bridge_target to = bridge_target::topic;
  std::string name{};    ///< whose; empty for everyone
  std::string type{};    ///< of the frame
  std::string members{}; ///< of the frame, JSON: `,"data":…`, each with the comma before it
  permit on_its_way{};   ///< the bus's
};

/// Why an event was skipped.
enum class bridge_fault : std::uint8_t {
  subject, ///< does not match the rule
  payload, ///< not what the rule takes: no JSON, no object although fields are asked for, no UTF-8
  size,    ///< longer than a message may be
  field,   ///< a field that the name or the type needs is not there, or of no use
  name,    ///< what came out is no name of a topic, room, user or role
  type     ///< what came out is no type
};
inline constexpr std::array<std::string_view, 6> bridge_fault_names{"subject", "payload", "size",
                                                                    "field",   "name",    "type"};

} // namespace troupe
