// The results of admins' commands. Pure.
//
// A result is one JSON object, the same over a connection (in `admin_result`) and as the body of an
// API call.
#pragma once

#include "troupe/deny_list.hpp"
#include "troupe/local_messages.hpp"
#include "troupe/server_settings.hpp"
#include "troupe/users/user_index.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::admin {

/// How many connections it reached.
std::string reach_json(std::size_t connections);
/// The same where a user has an inbox: how many heard it there, and whether it is kept.
std::string inbox_json(std::size_t heard, bool kept);

/// Of rooms, or of topics; `listeners` is in the order of `all.listed`.
std::string audiences_json(audience_kind kind, const audience_list& all,
                           const std::vector<std::size_t>& listeners);

std::string audience_json(const describe_audience& which, const audience_described::state& how);

std::string connection_json(const server_settings& settings,
                            const connections_described::one& which);

/// `total` is how many it has; `more`: there are some behind the last of these.
std::string user_json(const server_settings& settings, const identity& who, std::size_t total,
                      const std::vector<connections_described::one>& connections, bool more);

/// `more`: there are users behind the last of these.
std::string users_json(std::size_t connections, const user_index& here,
                       const std::vector<user_index::user>& users, bool more);

/// `seconds` is how long each still holds.
std::string bans_json(const std::vector<deny_list::banned>& bans, wall_time now, bool more);

struct figures {
  std::size_t connections = 0;
  std::size_t authenticated = 0;
  std::size_t users = 0;
  std::size_t rooms = 0;
  std::size_t topics = 0;
  std::size_t denials = 0;
  std::uint64_t uptime_seconds = 0;
};
std::string figures_json(std::string_view server_name, const figures& of);

} // namespace troupe::admin
