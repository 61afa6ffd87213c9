#include "server/net/ws_reader.hpp"

#include "troupe/json/utf8.hpp"

namespace troupe {

namespace {

using websocket::opcode;

// A message in pieces may have this many for nothing, and one more for each of so many bytes: tiny
// ones cost as much as others and carry next to nothing.
constexpr std::size_t fragments_free = 1024;
constexpr std::size_t bytes_per_fragment = 16;

// What a client must not send, as far as `h` has come; or null.
const char* fault_of(const websocket::header& h, bool may_be_compressed) {
  const bool is_control = websocket::is_control(h.op);
  const bool is_message = h.op == opcode::text || h.op == opcode::binary;
  if (h.reserved || (h.compressed && !(is_message && may_be_compressed)))
    return "Reserved bits set";
  if (!h.masked)
    return "Frame not masked";
  if (!websocket::is_known(h.op))
    return "Unknown opcode";
  if (is_control && (!h.fin || !h.shortest || h.payload > websocket::control_bytes_max))
    return "Control frame fragmented or too long";
  if (!h.shortest)
    return "Length not in its shortest form";
  if (h.payload >> 63 != 0)
    return "Length out of range";
  return nullptr;
}

} // namespace

std::size_t ws_reader::read(std::span<char> bytes, std::size_t message_bytes_max, handler& to) {
  std::size_t done = 0;
  paused_ = false;
  for (int frames = 0; !broken_ && done < bytes.size() && to.wants_frames(); ++frames) {
    if (frames == frames_per_read) {
      paused_ = true;
      break;
    }
    const auto left = bytes.subspan(done);
    const auto h = websocket::read_header({left.data(), left.size()});
    if (!h)
      break;
    if (const char* wrong = fault_of(*h, h->compressed && to.takes_compressed())) {
      violate(close_code::protocol_error, wrong, to);
      break;
    }
    if (h->size == 0)
      break;
    const std::size_t before =
      partial_ && !websocket::is_control(h->op) ? partial_->payload.size() : 0;
    if (h->payload > message_bytes_max || before + h->payload > message_bytes_max) {
      violate(close_code::too_big, default_reason(close_code::too_big), to);
      break;
    }
    if (left.size() < h->size + h->payload)
      break;
    const auto size = static_cast<std::size_t>(h->payload);
    char* const payload = left.data() + h->size;
    websocket::unmask({payload, size}, payload - websocket::mask_bytes);
    done += h->size + size;
    accept(*h, {payload, size}, to);
  }
  return done;
}

void ws_reader::accept(const websocket::header& h, std::string_view payload, handler& to) {
  switch (h.op) {
  case opcode::ping:
    return to.on_ping(payload);
  case opcode::pong:
    return to.on_pong();
  case opcode::close: {
    if (payload.empty())
      return to.on_close(payload);
    const auto close = websocket::read_close(payload);
    if (!close)
      return violate(close_code::protocol_error, "Close frame with half a code", to);
    if (!websocket::valid_close_code(close->code))
      return violate(close_code::protocol_error, "Invalid close code", to);
    if (!valid_utf8(close->reason))
      return violate(close_code::invalid_payload, default_reason(close_code::invalid_payload), to);
    return to.on_close(payload);
  }
  default:
    return accept_data(h, payload, to);
  }
}

void ws_reader::accept_data(const websocket::header& h, std::string_view payload, handler& to) {
  const bool begins = h.op != opcode::continuation;
  if (begins == (partial_ != nullptr))
    return violate(close_code::protocol_error,
                   begins ? "Message inside a fragmented message" : "Nothing to continue", to);
  if (begins && !h.fin) {
    partial_ =
      std::make_unique<partial>(partial{h.op == opcode::text, h.compressed, std::string(payload)});
    return;
  }
  std::unique_ptr<partial> whole;
  bool text = h.op == opcode::text;
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
