#include "troupe/wire/admin_commands.hpp"

#include <array>
#include <charconv>

namespace troupe::admin {

namespace {

// Longer than any token should live; a shorter time is forgotten sooner.
constexpr std::uint64_t deny_seconds_max = 366 * 24 * 3600;
// What fits into a close frame (RFC 6455 section 5.5).
constexpr std::size_t reason_bytes_max = 123;

std::string quoted(std::string_view key) {
  return "'" + std::string(key) + "'";
}

bool parse_number(std::string_view text, std::uint64_t& out) {
  const auto end = text.data() + text.size();
  const auto [rest, wrong] = std::from_chars(text.data(), end, out);
  return wrong == std::errc{} && rest == end;
}

// An id as services write it: a string, or a number without point and exponent.
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

bool read_number(request_fields& in, std::string_view key, std::uint64_t min, std::uint64_t max,
                 std::uint64_t& out) {
  const json_slice* value = in.find(key);
  if (!value || value->kind == json_kind::null)
    return false;
  return (value->kind == json_kind::number && parse_number(value->text, out) && out >= min &&
          out <= max) ||
         in.fail(errc::bad_request, quoted(key) + " must be an integer from " +
                                      std::to_string(min) + " to " + std::to_string(max));
}

page read_page_fields(request_fields& in) {
  page out;
  std::uint64_t limit = out.limit;
  in.string("after", id_bytes_max, out.after);
  read_number(in, "limit", 1, page_limit_max, limit);
  out.limit = static_cast<std::uint32_t>(limit);
  return out;
}

struct command_type {
  std::string_view name;
  command (*read)(request_fields&, const limits&);
};

constexpr std::array command_types{
  command_type{
    "announce",
    [](request_fields& in, const limits& bounds) -> command { return read_announce(in, bounds); }},
  command_type{"send_to_user",
               [](request_fields& in, const limits&) -> command {
                 return read_send(in, send::target::user, read_id(in, "user_id"));
               }},
  command_type{"send_to_role",
               [](request_fields& in, const limits&) -> command {
                 return read_send(in, send::target::role, read_id(in, "role"));
               }},
  command_type{"kick",
               [](request_fields& in, const limits&) -> command {
                 return read_kick(in, read_id(in, "user_id"));
               }},
  command_type{
    "rooms",
    [](request_fields& in, const limits&) -> command { return list_rooms{read_page_fields(in)}; }},
  command_type{"stats", [](request_fields&, const limits&) -> command { return stats{}; }},
};

} // namespace

std::string_view name_of(const command& what) {
  struct {
    std::string_view operator()(const stats&) { return "stats"; }
    std::string_view operator()(const announce&) { return "announce"; }
    std::string_view operator()(const send& s) {
      return s.to == send::target::user ? "send_to_user" : "send_to_role";
    }
    std::string_view operator()(const kick&) { return "kick"; }
    std::string_view operator()(const deny_token&) { return "deny_token"; }
    std::string_view operator()(const list_rooms&) { return "rooms"; }
    std::string_view operator()(const list_members&) { return "presence"; }
    std::string_view operator()(const list_users&) { return "connections"; }
  } names;
  return std::visit(names, what);
}

bool only_asks(const command& what) {
  return std::visit(
    []<class Command>(const Command&) {
      return !(std::is_same_v<Command, announce> || std::is_same_v<Command, send> ||
               std::is_same_v<Command, kick> || std::is_same_v<Command, deny_token>);
    },
    what);
}

std::string_view subject_of(const command& what) {
  if (auto* message = std::get_if<send>(&what))
    return message->name;
  if (auto* out = std::get_if<kick>(&what))
    return out->user;
  if (auto* denied = std::get_if<deny_token>(&what))
    return denied->token_id;
  if (auto* room = std::get_if<list_members>(&what))
    return room->room;
  return {};
}

command read_command(request_fields& in, const limits& bounds) {
  std::string name;
  in.required_string("command", bounds.id_bytes_max, name);
  return read_command(name, in, bounds);
}

command read_command(std::string_view name, request_fields& in, const limits& bounds) {
  for (const auto& known : command_types)
    if (known.name == name)
      return known.read(in, bounds);
  in.fail(errc::bad_request, "'command' must be announce, send_to_user, send_to_role, kick, rooms "
                             "or stats");
  return stats{};
}

announce read_announce(request_fields& in, const limits& bounds) {
  announce out;
  in.required_string("text", bounds.frame_bytes_max, out.text);
  return out;
}

send read_send(request_fields& in, send::target to, std::string name) {
  std::string_view message;
  if (!in.any("message", message))
    in.fail(errc::bad_request, "'message' is required");
  return {to, std::move(name), std::string(message)};
}

kick read_kick(request_fields& in, std::string user) {
  kick out{std::move(user), {}, {}};
  in.string("reason", reason_bytes_max, out.reason);
  std::uint64_t seconds = 0;
  read_number(in, "deny_seconds", 0, deny_seconds_max, seconds);
  out.deny = std::chrono::seconds(seconds);
  return out;
}

deny_token read_deny_token(request_fields& in) {
  deny_token out;
  in.required_string("jti", id_bytes_max, out.token_id);
  if (out.token_id.empty())
    in.fail(errc::bad_request, "'jti' must not be empty");
  std::uint64_t seconds = 0;
  if (!read_number(in, "seconds", 1, deny_seconds_max, seconds))
    in.fail(errc::bad_request, "'seconds' is required");
  out.time = std::chrono::seconds(seconds);
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

} // namespace troupe::admin
