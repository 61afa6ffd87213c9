// Frames of a WebSocket as bytes (RFC 6455 section 5.2): the one place that knows how a header is
// written and read. A server's frames are not masked, a client's are. Pure.
//
// What stands here inline is on the way of every message.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe::websocket {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

constexpr bool is_control(opcode op) {
  return op >= opcode::close;
}

constexpr bool is_known(opcode op) {
  return op <= opcode::binary || (is_control(op) && op <= opcode::pong);
}

/// Of a server's frame: two bytes and a 64-bit length.
constexpr std::size_t header_bytes_max = 10;
/// What a client puts between header and payload.
constexpr std::size_t mask_bytes = 4;
/// Payload of a control frame (section 5.5), and what of it a close frame has for its reason.
constexpr std::size_t control_bytes_max = 125;
constexpr std::size_t reason_bytes_max = control_bytes_max - 2;

namespace bits {

// The first byte: flags and the opcode. The second: whether there is a mask, and the length or what
// says how many bytes of length follow.
constexpr unsigned fin = 0x80, compressed = 0x40, reserved = 0x30, opcode = 0x0f;
constexpr unsigned masked = 0x80, length = 0x7f;
constexpr unsigned length_in_2 = 126, length_in_8 = 127;

constexpr unsigned at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// Behind the second byte, of which `value` is the length or what stands for it.
constexpr unsigned length_bytes(unsigned value) {
  return value < length_in_2 ? 0 : value == length_in_2 ? 2 : 8;
}

} // namespace bits

// -- writing -----------------------------------------------------------------------------------------

/// Writes the header of a whole unmasked frame so that it ends where its payload begins, at
/// `payload_begin`: there must be `header_bytes_max` bytes before it. `compressed` sets the bit of
/// RFC 7692. Returns where the frame begins.
constexpr char* put_header(char* payload_begin, opcode op, std::size_t payload,
                           bool compressed = false) {
  char* begin = payload_begin;
  const auto put_length = [&](unsigned bytes, unsigned marker) {
    for (std::size_t rest = payload; bytes > 0; --bytes, rest >>= 8)
      *--begin = static_cast<char>(rest & 0xff);
    *--begin = static_cast<char>(marker);
  };
  if (payload < bits::length_in_2)
    *--begin = static_cast<char>(payload);
  else if (payload <= UINT16_MAX)
    put_length(2, bits::length_in_2);
  else
    put_length(8, bits::length_in_8);
  *--begin =
    static_cast<char>(bits::fin | (compressed ? bits::compressed : 0u) | static_cast<unsigned>(op));
  return begin;
}

/// Appends such a header; the payload is to follow.
void append_header(std::string& out, opcode op, std::size_t payload, bool compressed = false);

/// The payload of a close frame: the code and the beginning of `reason`, at most 123 bytes that end
/// with a whole character, because a client takes half a one for an error.
std::string close_payload(std::uint16_t code, std::string_view reason);

// -- reading -----------------------------------------------------------------------------------------

/// Whether `frame`, which may be empty or several frames, begins with a whole pong.
constexpr bool is_pong(std::string_view frame) {
  return !frame.empty() && bits::at(frame, 0) == (bits::fin | static_cast<unsigned>(opcode::pong));
}

/// The payload of one whole unmasked frame.
std::string_view payload_of(std::string_view frame);

/// The payload, if `bytes` are one whole unmasked and uncompressed text frame and nothing else.
std::optional<std::string_view> whole_text(std::string_view bytes);

/// A header that has come. Nothing in it is checked: see `ws_reader` for what a client may send.
struct header {
  opcode op{};
  bool fin = false;
  bool compressed = false;
  bool reserved = false; ///< bits are set that mean nothing yet
  bool masked = false;
  bool shortest = true; ///< the length is written as short as it can be
  /// Bytes of header and mask; 0: not all of it has come, and of the length only what the second
  /// byte says.
  std::size_t size = 0;
  std::uint64_t payload = 0; ///< bytes
};

/// Null when the first two bytes have not come.
constexpr std::optional<header> read_header(std::string_view bytes) {
  if (bytes.size() < 2)
    return std::nullopt;
  const unsigned first = bits::at(bytes, 0), second = bits::at(bytes, 1);
  header out{.op = static_cast<opcode>(first & bits::opcode),
             .fin = (first & bits::fin) != 0,
             .compressed = (first & bits::compressed) != 0,
             .reserved = (first & bits::reserved) != 0,
             .masked = (second & bits::masked) != 0,
             .payload = second & bits::length};
  const std::size_t length_bytes = bits::length_bytes(second & bits::length);
  if (bytes.size() < 2 + length_bytes)
    return out;
  if (length_bytes > 0) {
    out.payload = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
      out.payload = out.payload << 8 | bits::at(bytes, 2 + i);
    out.shortest = out.payload > (length_bytes == 2 ? bits::length_in_2 - 1 : UINT16_MAX);
  }
  out.size = 2 + length_bytes + (out.masked ? mask_bytes : 0);
  return out;
}

/// Takes the mask, four bytes at `mask`, off `payload`.
void unmask(std::span<char> payload, const char* mask);

/// Of a payload, `from` and what follows it without the mask, which stays on it; as much as fits
/// into `to`. Returns how many bytes that are.
std::size_t unmasked_copy(std::string_view payload, std::size_t from, const char* mask,
                          std::span<char> to);

struct close_reason {
  std::uint16_t code = 0;
  std::string_view reason;
};

/// Null when `payload` has no code: it is empty, or has half of one.
std::optional<close_reason> read_close(std::string_view payload);

/// Whether an endpoint may send `code`: section 7.4, and what was registered since (1012 to 1014).
constexpr bool valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

} // namespace troupe::websocket
