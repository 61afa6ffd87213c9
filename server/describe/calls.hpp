// What the table of routes does not say of a call over HTTP: what it is called, what it brings
// back, and by which statuses it may be refused.
#pragma once

#include "server/net/api_routes.hpp"

#include <set>
#include <string>
#include <string_view>

namespace troupe::descriptions {

using statuses = std::set<unsigned>;

/// All that any call may be refused with.
const statuses& all_refusals();

// -- calls of the server-side API --------------------------------------------------------------------

struct call_names {
  std::string id;     ///< `kick_from_room`
  std::string owner;  ///< whose texts its fields have: `command.kick_from_room`
  std::string result; ///< the schema of its answer
};

call_names names_of(const noted_call& call);
statuses refusals_of(const noted_call& call);

/// `rooms` of `/api/v1/rooms/{id}/history`.
std::string first_part(std::string_view pattern);

// -- other paths -------------------------------------------------------------------------------------

struct plain_path {
  std::string_view id;
  std::string_view answers; ///< a media type; empty: a WebSocket
  statuses refusals;
  bool kept = false; ///< by a browser, which asks whether it is still the same
};

const plain_path& plain_path_of(std::string_view path);

} // namespace troupe::descriptions
