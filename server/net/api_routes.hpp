// What a call of the server-side API asks for: its path, method, query and body as a checked
// request. Pure.
#pragma once

#include "server/net/http.hpp"
#include "server/net/nearest_path.hpp"
#include "troupe/messages.hpp"
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/result.hpp"

#include <string_view>
#include <variant>
#include <vector>

namespace troupe {

/// The server is to drain and end.
struct drain_request {};

/// Something to say in a room or on a topic, or what an admin may ask for.
using api_request = std::variant<post, admin::command, drain_request>;

/// The paths of all calls.
std::vector<known_path> api_paths();

/// The error is the response to it: 400, 404, 405.
result<api_request, http_response> read_api_request(const http_request& request,
                                                    std::string_view path, const limits& bounds);

} // namespace troupe
