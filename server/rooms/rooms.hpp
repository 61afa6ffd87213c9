// The room types of this server: rooms.def as a table. Pure.
#pragma once

#include "troupe/room_logic.hpp"

namespace troupe {

room_types all_room_types();

#define TROUPE_ROOM(name, type) std::unique_ptr<room_logic> make_##type();
#include "server/rooms/rooms.def"
#undef TROUPE_ROOM

} // namespace troupe
