// A chat: what a member says goes to everybody, itself included.
#include "server/rooms/rooms.hpp"

namespace troupe {

namespace {

class chat_room final : public room_logic {
public:
  void on_message(room_context& room, const member&, std::string_view user,
                  std::string_view content) override {
    json_fields fields;
    fields.text("user", user).raw("message", content);
    room.broadcast("message", fields);
  }
};

} // namespace

std::unique_ptr<room_logic> make_chat_room() {
  return std::make_unique<chat_room>();
}

} // namespace troupe
