#include "troupe/room_logic.hpp"

namespace troupe {

namespace {

void tell_joined(room_context& room, const member& who) {
  if (!who.announced)
    return;
  json_fields fields;
  fields.text("user", who.user).text("message", "User joined room " + std::string(room.name()));
  room.broadcast_except(who.connection, "user_joined", fields);
}

void tell_left(room_context& room, const member& who) {
  if (!who.announced)
    return;
  json_fields fields;
  fields.text("user", who.user).text("message", "User left the room");
  room.broadcast_except(who.connection, "user_left", fields);
}

} // namespace

void room_logic::on_join(room_context& room, const member& who) {
  tell_joined(room, who);
}

void room_logic::on_rename(room_context& room, const member& before, const member& now) {
  tell_left(room, before);
  tell_joined(room, now);
}

void room_logic::on_leave(room_context& room, const member& who) {
  tell_left(room, who);
}

void room_logic::on_post(room_context& room, std::string_view user, std::string_view content) {
  json_fields fields;
  fields.text("user", user).raw("message", content);
  room.broadcast("message", fields);
}

void room_logic::on_event(room_context& room, std::string_view type, const json_fields& fields) {
  room.broadcast(type, fields);
}

room_types::const_iterator type_of(const room_types& types, std::string_view room) {
  if (const auto slash = room.find('/'); slash != std::string_view::npos) {
    const auto named = types.find(room.substr(0, slash));
    if (named != types.end() && named->first != default_room_type)
      return named;
  }
  return types.find(default_room_type);
}

} // namespace troupe
