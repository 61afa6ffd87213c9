// What an admin's command is answered with over a connection, and what its messages become for
// users. Pure.
#pragma once

#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/timestamp.hpp"

#include <string_view>

namespace troupe::server_frames {

/// `{"type":"notification","message":…,"timestamp":…}`; `message` is JSON.
frame_ptr notification(std::string_view message, wall_time time);

/// `{"type":"admin_result","command":…,"result":…}`; `result` is JSON.
frame_ptr admin_result(std::string_view command, std::string_view result, const request_id& id);

} // namespace troupe::server_frames
