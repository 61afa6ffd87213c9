// Just enough of RFC 6455 for both ends of a benchmark: the opening handshake's texts, and frames
// parsed where they lie in a read buffer. Pure.
//
// Not the server's codec (troupe/wire/websocket.hpp) on purpose: a generator that shared it could
// not find its faults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

enum class opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa
};

struct frame_head {
  opcode op = opcode::text;
  bool masked = false;
  bool compressed = false; // RSV1: an extension that was never asked for
  std::uint32_t mask = 0;  // the four bytes as they lie in memory
  std::size_t head_size = 0;
  std::uint64_t payload_size = 0;
};

// The head of the frame that begins at `data`; nothing while it is incomplete (RFC 6455, 5.2).
inline std::optional<frame_head> read_frame_head(const char* data, std::size_t size) noexcept {
  if (size < 2)
    return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(data[i]); };
  frame_head head;
  head.op = static_cast<opcode>(byte(0) & 0x0f);
  head.compressed = (byte(0) & 0x40) != 0;
  head.masked = (byte(1) & 0x80) != 0;
  head.head_size = 2;
  head.payload_size = byte(1) & 0x7f;
  if (head.payload_size >= 126) {
    const std::size_t length_bytes = head.payload_size == 126 ? 2 : 8;
    if (size < 2 + length_bytes)
      return std::nullopt;
    head.payload_size = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
      head.payload_size = (head.payload_size << 8) | byte(2 + i);
    head.head_size += length_bytes;
  }
  if (head.masked) {
    if (size < head.head_size + 4)
      return std::nullopt;
    __builtin_memcpy(&head.mask, data + head.head_size, 4);
    head.head_size += 4;
  }
  return head;
}

// XORs the payload with the mask in place; masking and unmasking are the same.
void apply_mask(char* payload, std::size_t size, std::uint32_t mask) noexcept;

// Clients must mask; the server's work is the same whatever the mask is.
inline constexpr std::uint32_t mask_key = 0x9d3c5ae7;

// Appends one whole frame. A client's frames are masked, a server's are not (RFC 6455, 5.3).
void append_frame(std::string& out, opcode op, std::string_view payload,
                  std::optional<std::uint32_t> mask);

// Every client of the benchmark uses this key: nonces protect caches, of which there are none here.
inline constexpr std::string_view handshake_key = "dHJvdXBlLWJlbmNobWFyaw==";

std::string handshake_request(std::string_view host, std::string_view path,
                              const std::vector<std::string>& headers);

// The Sec-WebSocket-Accept value for a client's key (RFC 6455, 4.2.2).
std::string handshake_accept(std::string_view key);

// The value of a header in a request or response head, without surrounding blanks; names compare
// without regard to case. Nothing when it is not there.
std::optional<std::string_view> header_value(std::string_view head, std::string_view name);

} // namespace troupe::bench
