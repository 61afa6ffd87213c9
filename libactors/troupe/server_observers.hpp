// Who is told what happens, and what time it is. Filled in before the first connection, read-only
// from then on. Everything here may be called by any thread.
#pragma once

#include "troupe/event_tap.hpp"
#include "troupe/wire/client_address.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace troupe {

/// Something that an admin has done, and what became of it.
struct audited {
  std::string_view what; ///< the command
  std::string_view who;
  std::string_view whom{};                  ///< or what it was about; or empty
  std::optional<std::uint64_t> seconds{};   ///< for how long, where that was said; 0 lifts
  std::string_view reason{};                ///< that the admin gave; or empty
  std::optional<std::size_t> connections{}; ///< how many it reached
  std::optional<errc> failed{};
};

struct server_observers {
  /// The time that frames carry.
  std::function<wall_time()> now = wall_now;

  /// Told about failures that are ours: an actor that died, a bound that was hit.
  std::function<void(std::string_view)> report = [](std::string_view) {};
  /// Told about what others do wrong, and an operator may want to know.
  std::function<void(std::string_view)> warn = [](std::string_view) {};

  /// Told what admins have done: for the log.
  std::function<void(const audited& what)> audit = [](const audited&) {};
  /// Told who was refused what, and why. Clients can cause it as often as they like.
  std::function<void(std::string_view what, std::string_view who, std::string_view why)> refused =
    [](std::string_view, std::string_view, std::string_view) {};

  /// Told on a connection's loop that it is there and that it ends: with the code it was closed
  /// with, or none if its client closed it or it was lost. `who` may be null. Null where nobody
  /// asks.
  std::function<void(connection_id, const identity* who, std::string_view user)> opened;
  std::function<void(connection_id, const identity* who, close_code, std::string_view why)> closed;
  /// The same when one has become a user's that had no token; `from` is its client's address, where
  /// that is known.
  std::function<void(connection_id, const identity& who, const client_address& from)> identified;

  /// Told what happens, for a bridge that publishes it; null where none is configured.
  event_tap tap;
};

} // namespace troupe
