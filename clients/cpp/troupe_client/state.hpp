// How a client stands with its server.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace troupe_client {

enum class phase {
  connecting, ///< an attempt is under way, or a token is asked for
  open,
  waiting, ///< before the next attempt
  closed,  ///< for good
};

constexpr std::string_view name_of(phase of) {
  switch (of) {
  case phase::connecting:
    return "connecting";
  case phase::open:
    return "open";
  case phase::waiting:
    return "waiting";
  case phase::closed:
    return "closed";
  }
  return "";
}

struct state {
  phase is = phase::connecting;
  std::chrono::milliseconds delay{0}; ///< `waiting`: until the next attempt
  int code = 0;                ///< `waiting`, `closed`: the close code; 0 where there was none
  std::string reason{};        ///< for people
  int http_status = 0;         ///< `waiting`: where a handshake was answered with one
  std::string connection_id{}; ///< `open`: the `from` of what this client says
};

} // namespace troupe_client
