#include "troupe/wire/frame.hpp"

#include <caf/make_counted.hpp>

namespace troupe {

namespace {

constexpr std::size_t header_bytes_max = 10; // two bytes and a 64-bit length
constexpr char fin = '\x80';

enum opcode : char { op_text = 1, op_close = 8, op_ping = 9, op_pong = 10 };

// Writes the header so that it ends where the payload begins; returns where the frame begins.
std::size_t put_header(std::string& storage, opcode op) {
  const std::size_t payload = storage.size() - header_bytes_max;
  std::size_t at = header_bytes_max;
  auto put_length = [&](unsigned bytes) {
    for (std::size_t rest = payload; bytes > 0; --bytes, rest >>= 8)
      storage[--at] = static_cast<char>(rest & 0xff);
  };
  if (payload < 126) {
    storage[--at] = static_cast<char>(payload);
  } else if (payload < 65536) {
    put_length(2);
    storage[--at] = 126;
  } else {
    put_length(8);
    storage[--at] = 127;
  }
  storage[--at] = static_cast<char>(fin | op);
  return at;
}

frame_ptr finish(std::string&& storage, opcode op) {
  const std::size_t begin = put_header(storage, op);
  return caf::make_counted<frame>(std::move(storage), begin);
}

frame_ptr control_frame(opcode op, std::string_view payload) {
  std::string storage(header_bytes_max, '\0');
  storage += payload.substr(0, 125);
  return finish(std::move(storage), op);
}

// The beginning of `text`, at most `bytes_max` bytes, that ends with a whole character.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80)
    --bytes_max;
  return text.substr(0, bytes_max);
}

} // namespace

std::string_view frame::payload() const {
  const auto all = bytes();
  const auto length = static_cast<unsigned char>(all[1]);
  return all.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

frame_writer::frame_writer(std::size_t expected) {
  storage_.reserve(header_bytes_max + expected);
  storage_.assign(header_bytes_max, '\0');
}

std::size_t frame_writer::payload_bytes() const {
  return storage_.size() - header_bytes_max;
}

frame_ptr frame_writer::finish() && {
  return troupe::finish(std::move(storage_), op_text);
}

frame_ptr text_frame(std::string_view payload) {
  frame_writer writer(payload.size());
  writer << payload;
  return std::move(writer).finish();
}

frame_ptr close_frame(close_code code, std::string_view reason) {
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
  payload += cut(reason, 123); // a client takes half a character for an error
  return control_frame(op_close, payload);
}

frame_ptr close_echo_frame(std::string_view payload) {
  return control_frame(op_close, payload);
}

frame_ptr pong_frame(std::string_view payload) {
  return control_frame(op_pong, payload);
}

frame_ptr ping_frame() {
  return control_frame(op_ping, {});
}

frame_ptr joined_frames(const frame_ptr& first, const frame_ptr& second) {
  std::string storage(first->bytes());
  storage += second->bytes();
  return caf::make_counted<frame>(std::move(storage), std::size_t{0});
}

} // namespace troupe
