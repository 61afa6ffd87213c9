// What an admin may ask for, whether over a connection (`admin_command`) or the server-side API.
// Pure.
#pragma once

#include "troupe/wire/client_address.hpp"
#include "troupe/wire/field_notes.hpp"
#include "troupe/wire/history_question.hpp"
#include "troupe/wire/presence_question.hpp"
#include "troupe/wire/request_fields.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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
/// Closes every connection of a user; for `deny` it may not come back. Zero lifts a denial, and
/// where nothing is said, one that there is stays.
struct kick {
  std::string user;
  std::string reason; ///< or empty
  std::optional<std::chrono::seconds> deny{};
};
/// For `time` no token with this `jti` is good, and who is here with it is put out; zero lifts
/// that.
struct deny_token {
  std::string token_id;
  std::chrono::seconds time{0};
};
/// For `time` nobody from these addresses is let in, and who is here is put out.
struct ban {
  address_block whom;
  std::chrono::seconds time{0};
  std::string reason; ///< or empty
};
struct lift_ban {
  address_block whom;
};
struct list_bans {
  page which;
};
/// Who is in a room: a user by its token with all its connections, or one connection.
struct member_ref {
  std::string user;       ///< or empty
  std::string connection; ///< its public id; or empty
};
/// Puts members out of one room; for `deny` they may not come back: as for `kick`.
struct kick_from_room {
  std::string room;
  member_ref whom;
  std::string reason; ///< or empty
  std::optional<std::chrono::seconds> deny{};
};
/// For `time` nothing is taken from them in one room; zero lifts that.
struct mute {
  std::string room;
  member_ref whom;
  std::chrono::seconds time{0};
};
/// Sends everybody out of a room and ends it.
struct close_room {
  std::string room;
  std::string reason; ///< or empty
};
struct list_rooms {
  page which;
};
struct show_presence {
  presence_question which;
};
struct list_users {
  page which;
};
struct list_topics {
  page which;
};
struct show_room {
  std::string room;
};
struct show_topic {
  std::string topic;
};
struct show_connection {
  std::string connection; ///< its public id
};
/// A user who is connected, and where its connections are.
struct show_user {
  std::string user;
  page which; ///< of its connections; never more than `connections_shown_max`
};
inline constexpr std::uint32_t connections_shown_max = 100;
struct show_history {
  history_question which;
};
/// Deletes what was said in a room or on a topic, or what one user said there.
struct forget_history {
  audience_kind kind = audience_kind::room;
  std::string name;
  std::string user; ///< or empty: all
};
struct stats {};

using command =
  std::variant<stats, announce, send, kick, deny_token, ban, lift_ban, list_bans, kick_from_room,
               mute, close_room, list_rooms, show_presence, list_users, list_topics, show_room,
               show_topic, show_connection, show_user, show_history, forget_history>;

/// What a frame and the audit log call it: `send_to_user`.
std::string_view name_of(const command& what);
/// Whether it only asks, so that nobody is touched by it.
bool only_asks(const command& what);
/// Whom or what it is about, for the audit log; or empty.
std::string subject_of(const command& what);
/// For how long it is to hold, where it says that.
std::optional<std::uint64_t> seconds_of(const command& what);
/// The reason that it gives; or empty.
std::string_view reason_of(const command& what);

/// Longest user id, role and token id that is looked for, bytes: a token has 8 KiB in all.
inline constexpr std::size_t id_bytes_max = 512;

/// Reads an `admin_command` frame. `in` knows what is wrong with it.
command read_command(request_fields& in, const limits& bounds);

/// The same where the command is told elsewhere: one of those names.
command read_command(std::string_view name, request_fields& in, const limits& bounds);

/// Each command by its name, with all fields that are read of it.
std::vector<noted_request> noted_commands(const limits& bounds);

// Parts of it that are told elsewhere in a call of the API. `In` is `request_fields` or
// `field_notes`.

/// An id as services write it: a string, or a number without point and exponent.
std::string read_id(request_fields& in, std::string_view key);
std::string read_id(field_notes& in, std::string_view key);
template <class In>
announce read_announce(In& in, const limits& bounds);
template <class In>
send read_send(In& in, send::target to, std::string name);
template <class In>
kick read_kick(In& in, std::string user);
template <class In>
deny_token read_deny_token(In& in);
/// Of text such as `192.0.2.0/24`, at least an eighth of an IPv6 or a quarter of an IPv4 address.
address_block read_block(request_fields& in, std::string_view text);
template <class In>
ban read_ban(In& in);
template <class In>
lift_ban read_lift_ban(In& in);
template <class In>
kick_from_room read_kick_from_room(In& in, std::string room);
template <class In>
mute read_mute(In& in, std::string room);
template <class In>
close_room read_close_room(In& in, std::string room);
/// By the fields `after` and `limit`.
template <class In>
page read_page(In& in);
/// By those texts, which may both be empty.
page read_page(request_fields& in, std::string_view after, std::string_view limit);

} // namespace troupe::admin
