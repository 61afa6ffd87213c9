// What the server tells whoever listens in: for a bridge that publishes it outward. Where nobody
// does, it costs one branch.
#pragma once

#include "troupe/runtime/credit.hpp"
#include "troupe/wire/identity.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace troupe {

struct tapped_event {
  enum class kind : std::uint8_t {
    publication,  ///< on a topic
    message,      ///< in a room: whatever all its members are told, with a place of its own
    connected,    ///< a connection was greeted
    disconnected, ///< it is no more
    occupied,     ///< somebody is in a room where nobody was
    vacated       ///< nobody is left in it
  } what = kind::message;
  std::string_view name{};       ///< of the topic or room
  std::string_view frame{};      ///< JSON, as clients get it; none for the life cycle
  std::string_view connection{}; ///< the public id of whose doing it is, where it is a connection's
  const identity* who = nullptr; ///< by its token, or null
  troupe::credit credit{};
};

/// Called by the actor to which it happens, so from any thread, and in its order.
using event_tap = std::function<void(const tapped_event&)>;

} // namespace troupe
