// The fields of each command, wherever they are told.
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/public_id.hpp"

namespace troupe::admin {

namespace {

// Longer than any token should live; a shorter time is forgotten sooner.
constexpr std::uint64_t deny_seconds_max = 366 * 24 * 3600;
// What fits into a close frame (RFC 6455 section 5.5).
constexpr std::size_t reason_bytes_max = 123;

std::string quoted(std::string_view key) {
  return "'" + std::string(key) + "'";
}

template <class In>
std::chrono::seconds read_seconds(In& in, std::string_view key, std::uint64_t min) {
  std::uint64_t seconds = 0;
  if (!in.integer(key, min, deny_seconds_max, seconds))
    in.fail(errc::bad_request, quoted(key) + " is required");
  return std::chrono::seconds(seconds);
}

template <class In>
std::optional<std::chrono::seconds> read_deny_seconds(In& in) {
  std::uint64_t seconds = 0;
  if (!in.integer("deny_seconds", 0, deny_seconds_max, seconds))
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

member_ref read_member(request_fields& in) {
  member_ref out;
  const auto given = [&in](std::string_view key) {
    const json_slice* value = in.find(key);
    return value && value->kind != json_kind::null;
  };
  if (given("user_id") == given("connection_id"))
    in.fail(errc::bad_request, "One of 'user_id' and 'connection_id' is required");
  else if (given("user_id"))
    out.user = read_id(in, "user_id");
  else
    in.required_string("connection_id", public_id_length, out.connection);
  return out;
}

member_ref read_member(field_notes& in) {
  std::string id;
  read_id(in, "user_id");
  in.string("connection_id", public_id_length, id);
  for (const auto* each : {"user_id", "connection_id"})
    in.needed(each, false);
  in.choose(field_choice::rule::exactly_one, {"user_id", "connection_id"});
  return {};
}

void read_token_id(request_fields& in, std::string& out) {
  in.required_string("jti", id_bytes_max, out);
  if (out.empty())
    in.fail(errc::bad_request, "'jti' must not be empty");
}

void read_token_id(field_notes& in, std::string&) {
  in.note({"jti", field_kind::text, 1, id_bytes_max, true});
}

// An address or a network, as text.
address_block read_address(request_fields& in) {
  std::string text;
  in.required_string("address", id_bytes_max, text);
  return read_block(in, text);
}

address_block read_address(field_notes& in) {
  in.note({"address", field_kind::address, 0, id_bytes_max, true});
  return {};
}

} // namespace

std::string read_id(request_fields& in, std::string_view key) {
  std::string out;
  const json_slice* value = in.find(key);
  if (value && value->kind == json_kind::number &&
      value->text.find_first_of(".eE") == std::string_view::npos)
    return std::string(value->text);
  in.required_string(key, id_bytes_max, out);
  if (out.empty())
    in.fail(errc::bad_request, quoted(key) + " must not be empty");
  return out;
}

template <class In>
page read_page(In& in) {
  page out;
  std::uint64_t limit = out.limit;
  in.string("after", id_bytes_max, out.after);
  in.integer("limit", 1, page_limit_max, limit);
  out.limit = static_cast<std::uint32_t>(limit);
  return out;
}

std::string read_id(field_notes& in, std::string_view key) {
  in.note({std::string(key), field_kind::id, 1, id_bytes_max, true});
  return {};
}

template <class In>
announce read_announce(In& in, const limits& bounds) {
  announce out;
  in.required_string("text", bounds.frame_bytes_max, out.text);
  return out;
}

template <class In>
send read_send(In& in, send::target to, std::string name) {
  std::string_view message;
  if (!in.any("message", message))
    in.fail(errc::bad_request, "'message' is required");
  return {to, std::move(name), std::string(message)};
}

template <class In>
kick read_kick(In& in, std::string user) {
  kick out{std::move(user), {}, {}};
  in.string("reason", reason_bytes_max, out.reason);
  out.deny = read_deny_seconds(in);
  return out;
}

template <class In>
deny_token read_deny_token(In& in) {
  deny_token out;
  read_token_id(in, out.token_id);
  out.time = read_seconds(in, "seconds", 0);
  return out;
}

address_block read_block(request_fields& in, std::string_view text) {
  constexpr unsigned v4_bits_min = 96 + 8, v6_bits_min = 16; // wider is a slip, not a ban
  const auto block = address_block::parse(text);
  if (!block)
    in.fail(errc::bad_request, "'address' must be an address or a network such as 192.0.2.0/24, "
                               "with zeros behind the prefix, and no IPv6 network that IPv4 is in");
  else if (block->bits < (block->first.is_v4() ? v4_bits_min : v6_bits_min))
    in.fail(errc::bad_request, "'address' must be no wider than /8, or /16 for IPv6");
  return block.value_or(address_block{});
}

template <class In>
ban read_ban(In& in) {
  ban out{read_address(in), read_seconds(in, "seconds", 1), {}};
  in.string("reason", reason_bytes_max, out.reason);
  return out;
}

template <class In>
lift_ban read_lift_ban(In& in) {
  return {read_address(in)};
}

template <class In>
kick_from_room read_kick_from_room(In& in, std::string room) {
  kick_from_room out{std::move(room), read_member(in), {}, read_deny_seconds(in)};
  in.string("reason", reason_bytes_max, out.reason);
  return out;
}

template <class In>
mute read_mute(In& in, std::string room) {
  return {std::move(room), read_member(in), read_seconds(in, "seconds", 0)};
}

template <class In>
close_room read_close_room(In& in, std::string room) {
  close_room out{std::move(room), {}};
  in.string("reason", reason_bytes_max, out.reason);
  return out;
}

page read_page(request_fields& in, std::string_view after, std::string_view limit) {
  page out{std::string(after), page{}.limit};
  std::uint64_t number = out.limit;
  if (!limit.empty() && (!parse_number(limit, number) || number < 1 || number > page_limit_max))
    in.fail(errc::bad_request,
            "'limit' must be an integer from 1 to " + std::to_string(page_limit_max));
  out.limit = static_cast<std::uint32_t>(number);
  return out;
}

#define TROUPE_READERS_FOR(In)                                                                     \
  template announce read_announce(In&, const limits&);                                             \
  template send read_send(In&, send::target, std::string);                                         \
  template kick read_kick(In&, std::string);                                                       \
  template deny_token read_deny_token(In&);                                                        \
  template ban read_ban(In&);                                                                      \
  template lift_ban read_lift_ban(In&);                                                            \
  template kick_from_room read_kick_from_room(In&, std::string);                                   \
  template mute read_mute(In&, std::string);                                                       \
  template close_room read_close_room(In&, std::string);                                           \
  template page read_page(In&);
TROUPE_READERS_FOR(request_fields)
TROUPE_READERS_FOR(field_notes)
#undef TROUPE_READERS_FOR

} // namespace troupe::admin
