// Why an event from a bus does not reach clients. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe {

/// Why an event was skipped.
enum class bridge_error : std::uint8_t {
  subject, ///< does not match the rule
  payload, ///< not what the rule takes: no JSON, no object although fields are asked for, no UTF-8
  size,    ///< longer than a message may be
  field,   ///< a field that the name or the type needs is not there, or of no use
  name,    ///< what came out is no name of a topic, room, user or role
  type,    ///< what came out is no type
  msg_id   ///< its `Nats-Msg-Id` is too long to remember
};
inline constexpr std::array<std::string_view, 7> bridge_error_names{
  "subject", "payload", "size", "field", "name", "type", "msg_id"};

} // namespace troupe
