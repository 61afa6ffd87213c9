#include "server/rooms/rooms.hpp"

namespace troupe {

room_types all_room_types() {
  return {
#define TROUPE_ROOM(name, type) {#name, make_##type},
#include "server/rooms/rooms.def"
#undef TROUPE_ROOM
  };
}

} // namespace troupe
