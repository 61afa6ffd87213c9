// What the server says: one function for each frame of the protocol's table "Server to client".
// Each encodes once; the result is shared by all who get it. Pure.
#pragma once

#include "troupe/json/json_text.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::server_frames {

frame_ptr connection(std::string_view server_name, std::string_view connection,
                     std::chrono::milliseconds heartbeat);

/// Who the connection is by its token.
frame_ptr authenticated(const identity& who, const request_id& id);

struct subscribed_topic {
  std::string name;
  position at;
};
frame_ptr subscribed(const std::vector<subscribed_topic>& topics, bool by_channel,
                     const request_id& id);
frame_ptr unsubscribed(const std::vector<std::string>& topics, bool by_channel,
                       const request_id& id);
frame_ptr joined(std::string_view room, const position& at, const request_id& id);
frame_ptr left(std::string_view room, const request_id& id);

/// Something that happened in a room:
/// `{"type":type,"room":room,<fields>,"timestamp":…,"offset":…}`.
frame_ptr room_event(std::string_view type, std::string_view room, const json_fields& fields,
                     wall_time time, std::optional<std::uint64_t> offset = {});

/// A topic message; `data` is JSON.
frame_ptr publication(std::string_view event, std::string_view topic, std::string_view data,
                      wall_time time, std::uint64_t offset);

/// A topic message, and a message for some or all connections, with these members: JSON, each with
/// the comma before it.
frame_ptr topic_event(std::string_view type, std::string_view topic, std::string_view members,
                      wall_time time, std::uint64_t offset);
frame_ptr event(std::string_view type, std::string_view members, wall_time time);

frame_ptr published(std::string_view topic, const position& at, const request_id& id);

/// `missing` frames of a room or topic were dropped; with the last of them it stood at `offset`.
frame_ptr gap(audience_kind kind, std::string_view name, std::uint64_t missing,
              std::uint64_t offset);

frame_ptr announcement(std::string_view text, wall_time time);
frame_ptr pong(wall_time time, const request_id& id);
/// The heartbeat: the protocol's `ping` and a WebSocket ping in one.
frame_ptr heartbeat();
frame_ptr error(const troupe::error& why, const request_id& id);
/// The last words: `disconnect` and the close frame in one.
frame_ptr disconnect(close_code code, std::string_view reason, std::chrono::milliseconds after);

} // namespace troupe::server_frames
