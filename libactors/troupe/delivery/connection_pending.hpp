// What a connection keeps while it waits to be let into a room or onto topics. Private to
// connection.
#pragma once

#include "troupe/delivery/connection.hpp"
#include "troupe/wire/server_events.hpp"

namespace troupe {

struct connection::pending {
  using place = events::topic_position;

  /// What is awaited under this name, or null.
  place* find(audience_kind kind, std::string_view name) {
    if (kind != (what == request_kind::subscribe ? audience_kind::topic : audience_kind::room))
      return nullptr;
    for (auto& each : places)
      if (each.name == name)
        return &each;
    return nullptr;
  }

  request_kind what = request_kind::none;
  ticket asked = 0;
  std::size_t answers_left = 0;
  bool by_channel = false;
  request_id id;
  timer_wheel::time_point until{};
  /// In the order of the request, without an epoch until granted.
  std::vector<place> places;
  std::vector<error> refused;
};

} // namespace troupe
