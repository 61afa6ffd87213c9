// What a call of the server-side API asks for: its path, method, query and body as a checked
// request. Pure.
#pragma once

#include "server/net/http.hpp"
#include "server/net/nearest_path.hpp"
#include "troupe/messages.hpp"
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/field_notes.hpp"
#include "troupe/wire/result.hpp"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe {

/// The server is to drain and end.
struct drain_request {};

/// Something to say in a room or on a topic, or what an admin may ask for.
using api_request = std::variant<post, admin::command, drain_request>;

enum class call_body : std::uint8_t { needed, may_be_empty, ignored };

/// What an `Idempotency-Key` means: the call is known by it; it may be repeated anyway; or it would
/// be carried out again, and who sends a key must not believe otherwise.
enum class call_repeated : std::uint8_t { is_known, does_no_harm, counts_again };

/// A call as its reader tells of it: what it may have, and what is asked for.
struct noted_call {
  std::string_view pattern;
  methods allowed;
  call_body takes_body;
  call_repeated when_repeated;
  field_notes fields; ///< one in the path has no name
  api_request asks;
};

std::vector<noted_call> noted_calls(const limits& bounds);

/// The paths of all calls.
std::vector<known_path> api_paths();

/// The error is the response to it: 400, 404, 405.
result<api_request, http_response> read_api_request(const http_request& request,
                                                    std::string_view path, const limits& bounds);

} // namespace troupe
