// How WebSocket carries what a server says: one text frame an event, and beside the events that
// WebSocket knows too, its own frame. Pure.
#pragma once

#include "troupe/wire/dialect.hpp"
#include "troupe/wire/frame.hpp"

#include <concepts>
#include <utility>

namespace troupe {

/// What goes onto a socket whose client speaks `speaks`. With a `ping` goes WebSocket's ping, which
/// every client answers by itself; with a `disconnect` the close frame. Null when there is nothing
/// to send: the dialect has no word for it, and WebSocket neither.
frame_ptr framed(const server_event& what, const dialect& speaks);

/// An event, and its commonest form: for all who speak `troupe.v1` encoded once, by whoever makes
/// the event.
struct encoded_event {
  event_ptr event;
  frame_ptr frame;
};

encoded_event encode(event_ptr what);

template <class Event>
requires(!std::convertible_to<Event, event_ptr>) encoded_event encode(Event&& what) {
  return encode(share(std::forward<Event>(what)));
}

} // namespace troupe
