// What an admin may ask for, whether over a connection (`admin_command`) or the server-side API.
// Pure.
#pragma once

#include "troupe/wire/request_fields.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::admin {

/// Which part of a list that may be long: the first `limit` entries behind `after`, in order.
struct page {
  std::string after{}; ///< or empty: from the beginning
  std::uint32_t limit = 100;
};
inline constexpr std::uint32_t page_limit_max = 1000;

struct announce {
  std::string text;
};
/// A `notification` for every connection of a user or of a role.
struct send {
  enum class target : std::uint8_t { user, role } to = target::user;
  std::string name;
  std::string message; ///< JSON
};
/// Closes every connection of a user; for `deny` it may not come back.
struct kick {
  std::string user;
  std::string reason; ///< or empty
  std::chrono::seconds deny{0};
};
/// For `time` no token with this `jti` is good, and who is here with it is put out.
struct deny_token {
  std::string token_id;
  std::chrono::seconds time{0};
};
struct list_rooms {
  page which;
};
struct list_members {
  std::string room;
  page which;
};
struct list_users {
  page which;
};
struct stats {};

using command =
  std::variant<stats, announce, send, kick, deny_token, list_rooms, list_members, list_users>;

/// What a frame and the audit log call it: `send_to_user`.
std::string_view name_of(const command& what);
/// Whether it only asks, so that nobody is touched by it.
bool only_asks(const command& what);
/// Whom or what it is about, for the audit log; or empty.
std::string_view subject_of(const command& what);

/// Longest user id, role and token id that is looked for, bytes: a token has 8 KiB in all.
inline constexpr std::size_t id_bytes_max = 512;

/// Reads an `admin_command` frame. `in` knows what is wrong with it.
command read_command(request_fields& in, const limits& bounds);

/// The same where the command is told elsewhere: one of those names.
command read_command(std::string_view name, request_fields& in, const limits& bounds);

// Parts of it that are told elsewhere in a call of the API.

announce read_announce(request_fields& in, const limits& bounds);
send read_send(request_fields& in, send::target to, std::string name);
kick read_kick(request_fields& in, std::string user);
deny_token read_deny_token(request_fields& in);
/// Both may be empty.
page read_page(request_fields& in, std::string_view after, std::string_view limit);

} // namespace troupe::admin
