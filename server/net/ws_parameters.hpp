// The parameters of the query that a request for a WebSocket may have: who reads one, reads it by
// its name here, and the descriptions of the protocol list them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::ws_parameter {

enum class kind : std::uint8_t { text, number, flag };

#define TROUPE_WS_PARAMETERS(PARAMETER)                                                            \
  PARAMETER(user, text)                                                                            \
  PARAMETER(token, text)                                                                           \
  PARAMETER(session, text)                                                                         \
  PARAMETER(presence, flag)                                                                        \
  PARAMETER(epoch, text)                                                                           \
  PARAMETER(offset, number)                                                                        \
  PARAMETER(inbox_epoch, text)                                                                     \
  PARAMETER(inbox_offset, number)

#define TROUPE_WS_PARAMETER(name, what) inline constexpr std::string_view name = #name;
TROUPE_WS_PARAMETERS(TROUPE_WS_PARAMETER)
#undef TROUPE_WS_PARAMETER

struct entry {
  std::string_view name;
  kind what;
};

inline constexpr std::array all{
#define TROUPE_WS_PARAMETER(name, what) entry{name, kind::what},
  TROUPE_WS_PARAMETERS(TROUPE_WS_PARAMETER)
#undef TROUPE_WS_PARAMETER
};

#undef TROUPE_WS_PARAMETERS

} // namespace troupe::ws_parameter
