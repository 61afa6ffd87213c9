#include "troupe/wire/admin_commands.hpp"

namespace troupe::admin {

namespace {

template <class In>
std::string name_in(In& in, std::string_view key) {
  std::string out;
  in.required_name(key, out);
  return out;
}

// The id of a user, if there is one.
std::string read_user(request_fields& in) {
  const auto* user = in.find("user_id");
  return user && user->kind != json_kind::null ? read_id(in, "user_id") : std::string();
}

std::string read_user(field_notes& in) {
  read_id(in, "user_id");
  in.needed("user_id", false);
  return {};
}

template <class In>
struct command_type {
  std::string_view name;
  command (*read)(In&, const limits&);
};

template <class In>
constexpr command_type<In> command_types[] = {
  {"announce", [](In& in, const limits& bounds) -> command { return read_announce(in, bounds); }},
  {"send_to_user",
   [](In& in, const limits&) -> command {
     return read_send(in, send::target::user, read_id(in, "user_id"));
   }},
  {"send_to_role",
   [](In& in, const limits&) -> command {
     return read_send(in, send::target::role, read_id(in, "role"));
   }},
  {"kick", [](In& in, const limits&) -> command { return read_kick(in, read_id(in, "user_id")); }},
  {"ban_address", [](In& in, const limits&) -> command { return read_ban(in); }},
  {"lift_ban", [](In& in, const limits&) -> command { return read_lift_ban(in); }},
  {"bans", [](In& in, const limits&) -> command { return list_bans{read_page(in)}; }},
  {"kick_from_room",
   [](In& in, const limits&) -> command { return read_kick_from_room(in, name_in(in, "room")); }},
  {"mute", [](In& in, const limits&) -> command { return read_mute(in, name_in(in, "room")); }},
  {"close_room",
   [](In& in, const limits&) -> command { return read_close_room(in, name_in(in, "room")); }},
  {"rooms", [](In& in, const limits&) -> command { return list_rooms{read_page(in)}; }},
  {"topics", [](In& in, const limits&) -> command { return list_topics{read_page(in)}; }},
  {"room", [](In& in, const limits&) -> command { return show_room{name_in(in, "room")}; }},
  {"topic", [](In& in, const limits&) -> command { return show_topic{name_in(in, "topic")}; }},
  {"connection",
   [](In& in, const limits&) -> command { return show_connection{read_id(in, "connection_id")}; }},
  {"user",
   [](In& in, const limits&) -> command {
     return show_user{read_id(in, "user_id"), read_page(in)};
   }},
  {"presence",
   [](In& in, const limits&) -> command { return show_presence{read_presence_question(in)}; }},
  {"connections", [](In& in, const limits&) -> command { return list_users{read_page(in)}; }},
  {"deny_token", [](In& in, const limits&) -> command { return read_deny_token(in); }},
  {"history",
   [](In& in, const limits& bounds) -> command {
     return show_history{read_history_question(in, bounds)};
   }},
  {"forget_history",
   [](In& in, const limits&) -> command {
     forget_history out;
     in.audience(out.kind, out.name);
     out.user = read_user(in);
     return out;
   }},
  {"stats", [](In&, const limits&) -> command { return stats{}; }},
};

std::string known_names() {
  std::string out;
  for (const auto& known : command_types<request_fields>)
    out.append(out.empty() ? "" : ", ").append(known.name);
  return out;
}

template <class T, class... Ts>
constexpr bool is_one_of = (std::is_same_v<T, Ts> || ...);

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
    std::string_view operator()(const ban&) { return "ban_address"; }
    std::string_view operator()(const lift_ban&) { return "lift_ban"; }
    std::string_view operator()(const list_bans&) { return "bans"; }
    std::string_view operator()(const kick_from_room&) { return "kick_from_room"; }
    std::string_view operator()(const mute&) { return "mute"; }
    std::string_view operator()(const close_room&) { return "close_room"; }
    std::string_view operator()(const list_rooms&) { return "rooms"; }
    std::string_view operator()(const show_presence&) { return "presence"; }
    std::string_view operator()(const list_users&) { return "connections"; }
    std::string_view operator()(const list_topics&) { return "topics"; }
    std::string_view operator()(const show_room&) { return "room"; }
    std::string_view operator()(const show_topic&) { return "topic"; }
    std::string_view operator()(const show_connection&) { return "connection"; }
    std::string_view operator()(const show_user&) { return "user"; }
    std::string_view operator()(const show_history&) { return "history"; }
    std::string_view operator()(const forget_history&) { return "forget_history"; }
  } names;
  return std::visit(names, what);
}

bool only_asks(const command& what) {
  return std::visit(
    []<class Command>(const Command&) {
      return is_one_of<Command, stats, list_bans, list_rooms, show_presence, list_users,
                       list_topics, show_room, show_topic, show_connection, show_user,
                       show_history>;
    },
    what);
}

std::string subject_of(const command& what) {
  struct {
    std::string operator()(const stats&) { return {}; }
    std::string operator()(const announce&) { return {}; }
    std::string operator()(const list_rooms&) { return {}; }
    std::string operator()(const list_users&) { return {}; }
    std::string operator()(const list_bans&) { return {}; }
    std::string operator()(const ban& b) { return b.whom.to_string(); }
    std::string operator()(const lift_ban& l) { return l.whom.to_string(); }
    std::string operator()(const list_topics&) { return {}; }
    std::string operator()(const show_room& s) { return s.room; }
    std::string operator()(const show_topic& s) { return s.topic; }
    std::string operator()(const show_connection& s) { return s.connection; }
    std::string operator()(const show_user& s) { return s.user; }
    std::string operator()(const send& s) { return s.name; }
    std::string operator()(const kick& k) { return k.user; }
    std::string operator()(const deny_token& d) { return d.token_id; }
    std::string operator()(const show_presence& p) { return p.which.name; }
    std::string operator()(const close_room& c) { return c.room; }
    std::string operator()(const kick_from_room& k) { return in_room(k.whom, k.room); }
    std::string operator()(const show_history& h) { return h.which.name; }
    std::string operator()(const forget_history& h) {
      return h.user.empty() ? h.name : h.user + " in " + h.name;
    }
    std::string operator()(const mute& m) { return in_room(m.whom, m.room); }

    static std::string in_room(const member_ref& whom, const std::string& room) {
      return (whom.user.empty() ? whom.connection : whom.user) + " in " + room;
    }
  } subjects;
  return std::visit(subjects, what);
}

std::optional<std::uint64_t> seconds_of(const command& what) {
  const auto time = std::visit(
    []<class Command>(const Command& given) -> std::optional<std::chrono::seconds> {
      if constexpr (requires { given.time; })
        return given.time;
      else if constexpr (requires { given.deny; })
        return given.deny;
      else
        return std::nullopt;
    },
    what);
  if (!time)
    return std::nullopt;
  return static_cast<std::uint64_t>(time->count());
}

std::string_view reason_of(const command& what) {
  return std::visit(
    []<class Command>(const Command& given) -> std::string_view {
      if constexpr (requires { given.reason; })
        return given.reason;
      else
        return {};
    },
    what);
}

command read_command(request_fields& in, const limits& bounds) {
  std::string name;
  in.required_string("command", bounds.id_bytes_max, name);
  return read_command(name, in, bounds);
}

command read_command(std::string_view name, request_fields& in, const limits& bounds) {
  for (const auto& known : command_types<request_fields>)
    if (known.name == name)
      return known.read(in, bounds);
  in.fail(errc::bad_request, "'command' must be one of: " + known_names());
  return stats{};
}

std::vector<noted_request> noted_commands(const limits& bounds) {
  std::vector<noted_request> out;
  for (const auto& known : command_types<field_notes>)
    known.read(out.emplace_back(known.name, field_notes(bounds)).fields, bounds);
  return out;
}

} // namespace troupe::admin
