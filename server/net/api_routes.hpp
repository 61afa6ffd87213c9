// What a call of the server-side API asks for: its path, method, query and body as a checked
// request. Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/messages.hpp"
#include "troupe/wire/admin_commands.hpp"

#include <string_view>
#include <variant>

namespace troupe {

/// The server is to drain and end.
struct drain_request {};

/// Something to say in a room or on a topic, or what an admin may ask for.
using api_request = std::variant<post, admin::command, drain_request>;

/// Or the answer that says what is wrong with the request: 400, 404, 405.
std::variant<api_request, http_response>
read_api_request(const http_request& request, std::string_view path, const limits& bounds);

} // namespace troupe
