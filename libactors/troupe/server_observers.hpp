// Who is told what happens, and what time it is. Filled in before the first connection, read-only
// from then on. Everything here may be called by any thread.
#pragma once

#include "troupe/event_tap.hpp"
#include "troupe/wire/timestamp.hpp"

#include <functional>
#include <string_view>

namespace troupe {

struct server_observers {
  /// The time that frames carry.
  std::function<wall_time()> now = wall_now;

  /// Told about failures that are ours: an actor that died, a bound that was hit.
  std::function<void(std::string_view)> report = [](std::string_view) {};
  /// Told about what others do wrong, and an operator may want to know.
  std::function<void(std::string_view)> warn = [](std::string_view) {};

  /// Told what admins do, to whom, and who was refused: for the log.
  std::function<void(std::string_view what, std::string_view who, std::string_view whom)> audit =
    [](std::string_view, std::string_view, std::string_view) {};

  /// Told what happens, for a bridge that publishes it; null where none is configured.
  event_tap tap;
};

} // namespace troupe
