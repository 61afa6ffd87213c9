#include "troupe/wire/frame.hpp"

#include "troupe/wire/websocket.hpp"

#include <caf/make_counted.hpp>

namespace troupe {

namespace {

using websocket::header_bytes_max;
using websocket::opcode;

frame_ptr finish(std::string&& storage, opcode op) {
  char* const payload = storage.data() + header_bytes_max;
  const char* const begin = websocket::put_header(payload, op, storage.size() - header_bytes_max);
  const auto headroom = static_cast<std::size_t>(begin - storage.data());
  return caf::make_counted<frame>(std::move(storage), headroom);
}

frame_ptr control_frame(opcode op, std::string_view payload) {
  std::string storage(header_bytes_max, '\0');
  storage += payload.substr(0, websocket::control_bytes_max);
  return finish(std::move(storage), op);
}

} // namespace

std::string_view frame::payload() const {
  return websocket::payload_of(bytes());
}

frame_writer::frame_writer(std::size_t expected) {
  storage_.reserve(header_bytes_max + expected);
  storage_.assign(header_bytes_max, '\0');
}

std::size_t frame_writer::payload_bytes() const {
  return storage_.size() - header_bytes_max;
}

frame_ptr frame_writer::finish() && {
  return troupe::finish(std::move(storage_), opcode::text);
}

frame_ptr text_frame(std::string_view payload) {
  frame_writer writer(payload.size());
  writer << payload;
  return std::move(writer).finish();
}

frame_ptr close_frame(close_code code, std::string_view reason) {
  return control_frame(opcode::close,
                       websocket::close_payload(static_cast<std::uint16_t>(code), reason));
}

frame_ptr close_echo_frame(std::string_view payload) {
  return control_frame(opcode::close, payload);
}

frame_ptr pong_frame(std::string_view payload) {
  return control_frame(opcode::pong, payload);
}

frame_ptr ping_frame() {
  return control_frame(opcode::ping, {});
}

frame_ptr joined_frames(const frame_ptr& first, const frame_ptr& second) {
  std::string storage(first->bytes());
  storage += second->bytes();
  return caf::make_counted<frame>(std::move(storage), std::size_t{0});
}

} // namespace troupe
