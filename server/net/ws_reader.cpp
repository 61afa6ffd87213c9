#include "server/net/ws_reader.hpp"

#include "troupe/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe {

namespace {

using websocket::opcode;

// A message in pieces may have this many for nothing, and one more for each of so many bytes: tiny
// ones cost as much as others and carry next to nothing.
constexpr std::size_t fragments_free = 1024;
constexpr std::size_t bytes_per_fragment = 16;

// Why a frame may not come now, in a fragmented message or in none; or null.
const char* misplaced(const websocket::header& h, bool in_message) {
  const bool begins = h.op != opcode::continuation;
  if (websocket::is_control(h.op) || begins != in_message)
    return nullptr;
  return begins ? "Message inside a fragmented message" : "Nothing to continue";
}

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
    if (const char* wrong = misplaced(*h, partial_ != nullptr)) {
      violate(close_code::protocol_error, wrong, to);
      break;
    }
    if (h->size == 0)
      break;
    const std::size_t before =
      partial_ && !websocket::is_control(h->op) ? partial_->payload.size() : 0;
    if (h->payload > message_bytes_max || before + h->payload > message_bytes_max) {
      violate(close_code::too_big, to);
      break;
    }
    const auto size = static_cast<std::size_t>(h->payload);
    char* const payload = left.data() + h->size;
    if (left.size() < h->size + size) {
      if (left.size() > h->size)
        check_half(*h, {payload, left.data() + left.size()}, payload - websocket::mask_bytes, to);
      break;
    }
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
      return violate(close_code::invalid_payload, to);
    return to.on_close(payload);
  }
  default:
    return accept_data(h, payload, to);
  }
}

void ws_reader::accept_data(const websocket::header& h, std::string_view payload, handler& to) {
  const bool begins = h.op != opcode::continuation;
  const std::size_t checked = std::exchange(checked_, 0);
  if (begins && !h.fin) {
    partial_ = std::make_unique<partial>(
      partial{h.op == opcode::text, h.compressed, std::string(payload), checked});
    check_fragments(false, to);
    return;
  }
  std::unique_ptr<partial> whole;
  bool text = h.op == opcode::text;
  bool compressed = h.compressed;
  if (!begins) {
    if (checked > 0)
      partial_->checked = partial_->payload.size() + checked;
    partial_->payload += payload;
    if (++partial_->fragments > fragments_free + partial_->payload.size() / bytes_per_fragment)
      return violate(close_code::policy_violation, "Too many fragments", to);
    if (!check_fragments(h.fin, to) || !h.fin)
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
  // Fragments of plain text have been looked at.
  if (text && (begins || compressed) && !valid_utf8(payload.substr(checked)))
    return violate(close_code::invalid_payload, to);
  to.on_message(text, payload);
}

// Looks at what has come of the message's text and was not looked at before. False when that is the
// end of the connection.
bool ws_reader::check_fragments(bool whole, handler& to) {
  partial& so_far = *partial_;
  if (!so_far.text || so_far.compressed)
    return true;
  const auto fresh = std::string_view(so_far.payload).substr(so_far.checked);
  const auto characters = whole_characters(fresh);
  if (!characters || (whole && *characters < fresh.size())) {
    violate(close_code::invalid_payload, to);
    return false;
  }
  so_far.checked += *characters;
  return true;
}

bool ws_reader::is_plain_text(const websocket::header& h) const {
  if (h.op == opcode::continuation)
    return partial_->text && !partial_->compressed;
  return h.op == opcode::text && !h.compressed;
}

// Looks at what has come of a frame's text and was not looked at before, through a copy: the frame
// will be unmasked when it is whole. A character may have begun in the fragment before.
void ws_reader::check_half(const websocket::header& h, std::string_view payload, const char* mask,
                           handler& to) {
  if (!is_plain_text(h))
    return;
  std::array<char, 1024> text;
  while (checked_ < payload.size()) {
    const auto begun = checked_ == 0 && partial_
                         ? std::string_view(partial_->payload).substr(partial_->checked)
                         : std::string_view{};
    std::ranges::copy(begun, text.begin());
    const auto copied =
      websocket::unmasked_copy(payload, checked_, mask, std::span(text).subspan(begun.size()));
    const auto characters = whole_characters({text.data(), begun.size() + copied});
    if (!characters)
      return violate(close_code::invalid_payload, to);
    if (*characters <= begun.size()) // less than one more
      return;
    checked_ += static_cast<std::uint32_t>(*characters - begun.size());
  }
}

void ws_reader::violate(close_code code, std::string_view what, handler& to) {
  broken_ = true;
  partial_.reset();
  to.on_violation(code, what);
}

} // namespace troupe
