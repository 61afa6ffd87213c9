// An event on its way to clients, as a bridge's rule has shaped it, or a room's logic. Part of
// local_messages.hpp: it carries a credit.
#pragma once

#include "troupe/runtime/credit.hpp"
#include "troupe/wire/bridge_error.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Whom an event is for: everybody on a topic, in a room, a user, a role, or everybody there is.
enum class bridge_target : std::uint8_t { topic, room, user, role, everyone };
inline constexpr std::array<std::string_view, 5> bridge_target_names{"topic", "room", "user",
                                                                     "role", "everyone"};

/// A rule, or a room, to the directory (for a topic, a room or everyone), which hands it on, or to
/// the users (for a user or a role). Nobody answers: where nobody listens nothing is made, and it
/// is counted.
struct bridged {
  bridge_target to = bridge_target::topic;
  std::string name{};      ///< whose; empty for everyone
  std::string type{};      ///< of the frame
  std::string members{};   ///< of the frame, JSON: `,"data":…`, each with the comma before it
  troupe::credit credit{}; ///< the bus's, or a client's
  /// In a room or on a topic: by which a second one is known, and not said again; or empty.
  std::string msg_id{};
  /// Else a room's logic has said it: the tap is told, and nobody counts it for the bus.
  bool from_bus = true;
};

} // namespace troupe
