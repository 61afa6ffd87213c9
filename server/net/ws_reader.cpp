#include "server/net/ws_reader.hpp"

#include "troupe/utf8.hpp"

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
  std::size_t size = 0;      // of header and mask
  std::uint64_t payload = 0; // bytes
};

std::size_t ws_reader::read(std::span<char> bytes, std::size_t message_bytes_max, handler& to) {
  std::size_t done = 0;
  while (!broken_ && to.wants_frames()) {
    char* const at = bytes.data() + done;
    const std::size_t left = bytes.size() - done;
    if (left < 2)
      break;
    const auto first = static_cast<unsigned char>(at[0]);
    const auto second = static_cast<unsigned char>(at[1]);
    header h{first & 0x0fu, (first & 0x80) != 0, 2, second & 0x7fu};
    if ((first & 0x70) != 0) {
      violate(close_code::protocol_error, "Reserved bits set", to);
      break;
    }
    if ((second & 0x80) == 0) {
      violate(close_code::protocol_error, "Frame not masked", to);
      break;
    }
    if (is_control(h.op) ? h.op > op_pong : h.op > op_binary) {
      violate(close_code::protocol_error, "Unknown opcode", to);
      break;
    }
    if (is_control(h.op) && (!h.fin || h.payload > 125)) {
      violate(close_code::protocol_error, "Control frame fragmented or too long", to);
      break;
    }
    const unsigned length_bytes = h.payload == 126 ? 2 : h.payload == 127 ? 8 : 0;
    if (left < 2 + length_bytes)
      break;
    if (length_bytes > 0) {
      h.payload = 0;
      for (unsigned i = 0; i < length_bytes; ++i)
        h.payload = h.payload << 8 | static_cast<unsigned char>(at[2 + i]);
    }
    h.size = 2 + length_bytes + 4;
    const std::size_t before = partial_ && !is_control(h.op) ? partial_->payload.size() : 0;
    if (h.payload > message_bytes_max || before + h.payload > message_bytes_max) {
      violate(close_code::too_big, default_reason(close_code::too_big), to);
      break;
    }
    if (left < h.size + h.payload)
      break;
    const auto size = static_cast<std::size_t>(h.payload);
    unmask(at + h.size, size, at + h.size - 4);
    done += h.size + size;
    accept(h, {at + h.size, size}, to);
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
    partial_ = std::make_unique<partial>(partial{h.op == op_text, std::string(payload)});
    return;
  }
  std::unique_ptr<partial> whole;
  bool text = h.op == op_text;
  if (!begins) {
    partial_->payload += payload;
    if (!h.fin)
      return;
    whole = std::move(partial_);
    payload = whole->payload;
    text = whole->text;
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
