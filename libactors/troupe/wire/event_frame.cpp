#include "troupe/wire/event_frame.hpp"

#include "troupe/wire/troupe_v1.hpp"

namespace troupe {

namespace {

frame_ptr text_of(const server_event& what, const dialect& speaks) {
  frame_writer writer(0);
  return speaks.encode(what, writer.out()) ? std::move(writer).finish() : nullptr;
}

// WebSocket's own frame for what it knows too; or null.
frame_ptr control_of(const server_event& what) {
  if (std::holds_alternative<events::ping>(what))
    return ping_frame();
  if (const auto* last = std::get_if<events::disconnect>(&what))
    return close_frame(static_cast<close_code>(last->close_code), last->reason);
  return nullptr;
}

} // namespace

frame_ptr framed(const server_event& what, const dialect& speaks) {
  auto text = text_of(what, speaks);
  auto control = control_of(what);
  return text && control ? joined_frames(text, control) : text ? text : control;
}

encoded_event encode(event_ptr what) {
  auto frame = framed(what->what(), troupe_v1());
  return {std::move(what), std::move(frame)};
}

} // namespace troupe
