#include "troupe/users/admin_results.hpp"

#include "troupe/json/json_text.hpp"

namespace troupe::admin {

namespace {

// The fields as an object of their own: without the comma they begin with.
std::string object(const json_fields& fields) {
  std::string out = "{";
  out += fields.view().substr(std::min<std::size_t>(1, fields.view().size()));
  return out += "}";
}

template <class Range, class Show>
std::string array(const Range& range, Show show) {
  std::string out = "[";
  for (const auto& each : range) {
    if (out.size() > 1)
      out += ",";
    out += show(each);
  }
  return out += "]";
}

std::string string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The `after` of the next page, when there is one.
void put_next(json_fields& to, bool more, std::string_view last) {
  if (more)
    to.text("next", last);
}

} // namespace

std::string reach_json(std::size_t connections) {
  return object(json_fields{}.number("connections", connections));
}

std::string rooms_json(const room_list& rooms, const std::vector<std::size_t>& members) {
  std::size_t i = 0;
  json_fields out;
  out.number("total", rooms.rooms);
  out.raw("rooms", array(rooms.listed, [&](const room_list::entry& each) {
            return object(json_fields{}.text("room", each.name).number("members", members[i++]));
          }));
  put_next(out, rooms.more, rooms.listed.empty() ? "" : rooms.listed.back().name);
  return object(out);
}

std::string members_json(std::string_view room, const member_list::those& members) {
  json_fields out;
  out.text("room", room).number("members", members.members);
  out.raw("users", array(members.users, string));
  put_next(out, members.more, members.users.empty() ? "" : members.users.back());
  return object(out);
}

std::string users_json(std::size_t connections, const user_index& here,
                       const std::vector<user_index::user>& users, bool more) {
  json_fields out;
  out.number("connections", connections).number("authenticated", here.connections());
  out.raw("users", array(users, [](const user_index::user& each) {
            return object(json_fields{}
                            .text("user_id", each.who->user_id)
                            .text("username", each.who->username)
                            .number("connections", each.connections));
          }));
  put_next(out, more, users.empty() ? "" : users.back().who->user_id);
  return object(out);
}

std::string figures_json(std::string_view server_name, const figures& of) {
  return object(json_fields{}
                  .text("server", server_name)
                  .number("uptime_seconds", of.uptime_seconds)
                  .number("connections", of.connections)
                  .number("authenticated", of.authenticated)
                  .number("users", of.users)
                  .number("rooms", of.rooms)
                  .number("topics", of.topics)
                  .number("denials", of.denials));
}

} // namespace troupe::admin
