#include "troupe/wire/websocket.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace troupe::websocket {

namespace {

// The beginning of `text`, at most `bytes_max` bytes, that ends with a whole character.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80)
    --bytes_max;
  return text.substr(0, bytes_max);
}

} // namespace

void append_header(std::string& out, opcode op, std::size_t payload, bool compressed) {
  std::array<char, header_bytes_max> room;
  char* const end = room.data() + room.size();
  out.append(put_header(end, op, payload, compressed), end);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  out += cut(reason, reason_bytes_max);
  return out;
}

std::string_view payload_of(std::string_view frame) {
  return frame.substr(2 + bits::length_bytes(bits::at(frame, 1)));
}

std::optional<std::string_view> whole_text(std::string_view bytes) {
  const auto head = read_header(bytes);
  if (!head || head->op != opcode::text || !head->fin || head->compressed || head->reserved ||
      head->masked || head->size == 0 || bytes.size() - head->size != head->payload)
    return std::nullopt;
  return bytes.substr(head->size);
}

void unmask(std::span<char> payload, const char* mask) {
  char* const p = payload.data();
  std::uint32_t key4;
  std::memcpy(&key4, mask, sizeof key4);
  const std::uint64_t key8 = std::uint64_t{key4} << 32 | key4;
  std::size_t i = 0;
  for (; i + 8 <= payload.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, p + i, 8);
    word ^= key8;
    std::memcpy(p + i, &word, 8);
  }
  for (; i < payload.size(); ++i)
    p[i] = static_cast<char>(p[i] ^ mask[i & 3]);
}

std::size_t unmasked_copy(std::string_view payload, std::size_t from, const char* mask,
                          std::span<char> to) {
  const auto part = payload.substr(from, to.size());
  std::ranges::copy(part, to.begin());
  const std::array<char, mask_bytes> turned{mask[from & 3], mask[(from + 1) & 3],
                                            mask[(from + 2) & 3], mask[(from + 3) & 3]};
  unmask(to.first(part.size()), turned.data());
  return part.size();
}

std::optional<close_reason> read_close(std::string_view payload) {
  if (payload.size() < 2)
    return std::nullopt;
  return close_reason{static_cast<std::uint16_t>(bits::at(payload, 0) << 8 | bits::at(payload, 1)),
                      payload.substr(2)};
}

} // namespace troupe::websocket
