// A game of dice: the highest roll within ten seconds wins the round.
//
//   {"type":"message","message":{"roll":20}}
//
// The first roll of a round chooses how many sides the die has. Everybody is told `dice_rolled`
// and, when the time is up, `dice_winner`.
#include "server/rooms/rooms.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace troupe {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds round_lasts{10};
constexpr unsigned sides_max = 100;

// The number of sides that the member asks for, or 0 if the request is not valid.
unsigned sides_in(std::string_view content) {
  // Without exceptions: what a client writes must not end the room.
  const json said = json::parse(content, nullptr, false);
  if (!said.is_object() || !said.contains("roll") || !said["roll"].is_number_unsigned())
    return 0;
  const auto sides = said["roll"].get<std::uint64_t>();
  return sides >= 2 && sides <= sides_max ? static_cast<unsigned>(sides) : 0;
}

class dice_room final : public room_logic {
public:
  void on_message(room_context& room, const member& from, std::string_view user,
                  std::string_view content) override {
    const unsigned sides = sides_in(content);
    if (sides == 0)
      return room.refuse(from.connection,
                         {errc::bad_request, "'message' must be {\"roll\": 2 to 100}"});
    if (rolled_.empty()) {
      sides_ = sides;
      best_ = 0;
      room.after(round_lasts, ++round_);
    }
    if (sides != sides_)
      return room.refuse(from.connection,
                         {errc::bad_request, "This round's die has another number of sides"});
    if (!rolled_.insert(from.connection).second)
      return room.refuse(from.connection, {errc::limit_exceeded, "One roll a round"});

    const std::uint64_t result = 1 + room.random(sides);
    if (result > best_) {
      best_ = result;
      leader_ = user;
    }
    json_fields fields;
    fields.text("user", user).number("sides", sides).number("result", result);
    room.broadcast("dice_rolled", fields);
  }

  void on_tick(room_context& room, std::uint32_t timer) override {
    if (timer != round_)
      return;
    rolled_.clear();
    json_fields fields;
    fields.text("user", leader_).number("result", best_);
    room.broadcast("dice_winner", fields);
  }

private:
  std::set<connection_id> rolled_; // members who have, in this round; empty: no round is on
  std::string leader_;
  std::uint64_t best_ = 0;
  unsigned sides_ = 0;
  std::uint32_t round_ = 0;
};

} // namespace

std::unique_ptr<room_logic> make_dice_room() {
  return std::make_unique<dice_room>();
}

} // namespace troupe
