// A language that clients speak: how what they say is read, and how what a server says is written.
// `troupe.v1` (troupe_v1.hpp) is the commonest one. Pure; a dialect has no state of its own.
#pragma once

#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/server_events.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

class dialect {
public:
  /// As a subprotocol of WebSocket (RFC 6455 section 1.9).
  virtual std::string_view name() const = 0;

  /// What a client says with one text message (valid UTF-8). Names are checked here; whether they
  /// exist is not.
  virtual result<client_frame, refused_frame> decode(std::string_view text,
                                                     const limits& bounds) const = 0;

  /// Appends the text of `what`; false, with nothing appended, when this dialect has no way to say
  /// it: then its clients are not told. A `gap` takes at most `gap_bytes_max` beside the name.
  virtual bool encode(const server_event& what, std::string& out) const = 0;

  static constexpr std::size_t gap_bytes_max = 86;

protected:
  ~dialect() = default;
};

} // namespace troupe
