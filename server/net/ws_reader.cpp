#include "server/net/ws_reader.hpp"

#include "troupe/json/utf8.hpp"

#include <cstring>

namespace troupe {

namespace {

enum opcode : unsigned {
  op_continuation = 0,
  op_text = 1,
  op_binary = 2,
  op_close = 8,
  op_ping = 9,
  op_pong = 10
};

// A message in pieces may have this many for nothing, and one more for each of so many bytes: tiny
// ones cost as much as others and carry next to nothing.
constexpr std::size_t fragments_free = 1024;
constexpr std::size_t bytes_per_fragment = 16;

bool is_control(unsigned op) {
  return op >= 8;
}

void unmask(char* p, std::size_t size, const char* key) {
  std::uint32_t key4;
  std::memcpy(&key4, key, 4);
  const std::uint64_t key8 = std::uint64_t{key4} << 32 | key4;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, p + i, 8);
    word ^= key8;
    std::memcpy(p + i, &word, 8);
  }
  for (; i < size; ++i)
    p[i] = static_cast<char>(p[i] ^ key[i & 3]);
}

// Section 7.4: what an endpoint may send, plus what is registered since (1012 to 1014).
bool valid_close_code(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

} // namespace

struct ws_reader::header {
  unsigned op = 0;
  bool fin = false;
  bool compressed = false;
  std::size_t size = 0;      // of header and mask; 0: not all of it has come
  std::uint64_t payload = 0; // bytes

  const char* take(std::span<const char> bytes, handler& to);
};

// Reads what is there of a header; returns what is wrong with it, or null.
const char* ws_reader::header::take(std::span<const char> bytes, handler& to) {
  if (bytes.size() < 2)
    return nullptr;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  op = byte(0) & 0x0f;
  fin = (byte(0) & 0x80) != 0;
  compressed = (byte(0) & 0x40) != 0;
  payload = byte(1) & 0x7f;
  const bool may_be_compressed = op == op_text || op == op_binary;
  if ((byte(0) & 0x30) != 0 || (compressed && !(may_be_compressed && to.takes_compressed())))
    return "Reserved bits set";
  if ((byte(1) & 0x80) == 0)
    return "Frame not masked";
  if (is_control(op) ? op > op_pong : op > op_binary)
    return "Unknown opcode";
  if (is_control(op) && (!fin || payload > 125))
    return "Control frame fragmented or too long";
  const std::size_t length_bytes = payload == 126 ? 2 : payload == 127 ? 8 : 0;
  if (bytes.size() < 2 + length_bytes)
    return nullptr;
  if (length_bytes > 0) {
    payload = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
      payload = payload << 8 | byte(2 + i);
    if (payload < (length_bytes == 2 ? 126u : 65536u))
      return "Length not in its shortest form";
    if (payload >> 63 != 0)
      return "Length out of range";
  }
  size = 2 + length_bytes + 4;
  return nullptr;
}

std::size_t ws_reader::read(std::span<char> bytes, std::size_t message_bytes_max, handler& to) {
  std::size_t done = 0;
  paused_ = false;
  for (int frames = 0; !broken_ && done < bytes.size() && to.wants_frames(); ++frames) {
    if (frames == frames_per_read) {
      paused_ = true;
      break;
    }
    const auto left = bytes.subspan(done);
    header h;
    if (const char* wrong = h.take(left, to)) {
      violate(close_code::protocol_error, wrong, to);
      break;
    }
    if (h.size == 0)
      break;
    const std::size_t before = partial_ && !is_control(h.op) ? partial_->payload.size() : 0;
    if (h.payload > message_bytes_max || before + h.payload > message_bytes_max) {
      violate(close_code::too_big, default_reason(close_code::too_big), to);
      break;
    }
    if (left.size() < h.size + h.payload)
      break;
    const auto size = static_cast<std::size_t>(h.payload);
    char* const payload = left.data() + h.size;
    unmask(payload, size, payload - 4);
    done += h.size + size;
    accept(h, {payload, size}, to);
  }
  return done;
}

void ws_reader::accept(const header& h, std::string_view payload, handler& to) {
  switch (h.op) {
  case op_ping:
    return to.on_ping(payload);
  case op_pong:
    return to.on_pong();
  case op_close: {
    if (payload.empty())
      return to.on_close(payload);
    if (payload.size() == 1)
      return violate(close_code::protocol_error, "Close frame with half a code", to);
    const auto code = static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8 |
                      static_cast<unsigned char>(payload[1]);
    if (!valid_close_code(code))
      return violate(close_code::protocol_error, "Invalid close code", to);
    if (!valid_utf8(payload.substr(2)))
      return violate(close_code::invalid_payload, default_reason(close_code::invalid_payload), to);
    return to.on_close(payload);
  }
  default:
    return accept_data(h, payload, to);
  }
}

void ws_reader::accept_data(const header& h, std::string_view payload, handler& to) {
  const bool begins = h.op != op_continuation;
  if (begins == (partial_ != nullptr))
    return violate(close_code::protocol_error,
                   begins ? "Message inside a fragmented message" : "Nothing to continue", to);
  if (begins && !h.fin) {
    partial_ =
      std::make_unique<partial>(partial{h.op == op_text, h.compressed, std::string(payload)});
    return;
  }
  std::unique_ptr<partial> whole;
  bool text = h.op == op_text;
  bool compressed = h.compressed;
  if (!begins) {
    partial_->payload += payload;
    if (++partial_->fragments > fragments_free + partial_->payload.size() / bytes_per_fragment)
      return violate(close_code::policy_violation, "Too many fragments", to);
    if (!h.fin)
      return;
    whole = std::move(partial_);
    payload = whole->payload;
    text = whole->text;
    compressed = whole->compressed;
  }
  if (compressed) {
    const auto plain = to.decompress(payload);
    if (!plain) {
      const auto code = plain.error();
      return violate(
        code,
        code == close_code::invalid_payload ? "Invalid compressed data" : default_reason(code), to);
    }
    payload = *plain;
  }
  if (text && !valid_utf8(payload))
    return violate(close_code::invalid_payload, default_reason(close_code::invalid_payload), to);
  to.on_message(text, payload);
}

void ws_reader::violate(close_code code, std::string_view what, handler& to) {
  broken_ = true;
  partial_.reset();
  to.on_violation(code, what);
}

} // namespace troupe
