// The server as a service on the bus: its methods, their arguments, and the form of its answers
// (docs/nats.md, "Services"). Pure.
#pragma once

#include "troupe/messages.hpp"
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/result.hpp"
#include "troupe/wire/timestamp.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::service {

inline constexpr std::array<std::string_view, 23> methods{"send_announcement",
                                                          "send_to_user",
                                                          "send_to_role",
                                                          "send_to_topic",
                                                          "send_to_room",
                                                          "kick",
                                                          "ban_address",
                                                          "lift_ban",
                                                          "bans",
                                                          "kick_from_room",
                                                          "mute",
                                                          "close_room",
                                                          "deny_token",
                                                          "rooms",
                                                          "topics",
                                                          "room",
                                                          "topic",
                                                          "presence",
                                                          "connections",
                                                          "connection",
                                                          "user",
                                                          "stats",
                                                          "get_service_info"};

/// The place of `name` in `methods`, or their number where it has none.
std::size_t number_of(std::string_view name);

/// What is wanted: of the directory, of the users, or of the service itself.
struct show_info {};
using command = std::variant<show_info, post, admin::command>;

struct request {
  result<command> what;
  std::string correlation; ///< JSON: its `correlation_id`, to be put into the answer; or empty
};

/// Reads the arguments of a call, a JSON object (or nothing, for an empty one); an error names the
/// field. Fields that mean nothing here are passed over, as everywhere.
/// `correlation` is the id told beside the arguments, if any: one among them goes before it.
/// `msg_id` likewise, but one among them must be the same.
request read_request(std::string_view method, std::string_view arguments,
                     std::string_view correlation, const limits& bounds,
                     std::string_view msg_id = {});

/// Who answers, for the answers that say so.
struct self {
  std::string name = "troupe"; ///< one token of a subject (rpc_rules.hpp)
  std::string version;
  std::string id;               ///< of this run
  std::string inbox = "_INBOX"; ///< how inboxes begin, besides those that are told by themselves
};

/// The `result` of `get_service_info`, with the fields of the framework's own services.
std::string info_json(const self& who, std::string_view server_name);
/// `{"success":true,"result":…,"timestamp":…,"correlation_id":…}`; `result` is JSON.
std::string result_answer(std::string_view result, wall_time now, std::string_view correlation);
/// `{"success":false,"error":"…","code":"…","timestamp":…,"correlation_id":…}`
std::string error_answer(const error& why, wall_time now, std::string_view correlation);

} // namespace troupe::service
