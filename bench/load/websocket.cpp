#include "websocket.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace troupe::bench {

void apply_mask(char* payload, std::size_t size, std::uint32_t mask) noexcept {
  const std::uint64_t wide = (static_cast<std::uint64_t>(mask) << 32) | mask;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, payload + i, 8);
    word ^= wide;
    std::memcpy(payload + i, &word, 8);
  }
  std::array<char, 4> bytes;
  std::memcpy(bytes.data(), &mask, 4);
  for (; i < size; ++i)
    payload[i] = static_cast<char>(payload[i] ^ bytes[i & 3]);
}

void append_frame(std::string& out, opcode op, std::string_view payload,
                  std::optional<std::uint32_t> mask) {
  const auto mask_bit = static_cast<char>(mask ? 0x80 : 0);
  out += static_cast<char>(0x80 | static_cast<int>(op));
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else {
    const bool wide = payload.size() > 0xffff;
    out += static_cast<char>(mask_bit | (wide ? 127 : 126));
    for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8)
      out += static_cast<char>((payload.size() >> shift) & 0xff);
  }
  if (!mask) {
    out += payload;
    return;
  }
  out.append(reinterpret_cast<const char*>(&*mask), 4);
  const auto at = out.size();
  out += payload;
  apply_mask(out.data() + at, payload.size(), *mask);
}

std::string handshake_request(std::string_view host, std::string_view path,
                              const std::vector<std::string>& headers) {
  std::string out;
  out.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
  out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
             "\r\nSec-WebSocket-Key: ");
  out.append(handshake_key).append("\r\n");
  for (const auto& header : headers)
    out.append(header).append("\r\n");
  return out.append("\r\n");
}

std::string handshake_accept(std::string_view key) {
  const std::string text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned digest_size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &digest_size, EVP_sha1(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64;
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest_size));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

std::optional<std::string_view> header_value(std::string_view head, std::string_view name) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  for (auto line_end = head.find("\r\n"); line_end != std::string_view::npos;
       line_end = head.find("\r\n")) {
    head.remove_prefix(line_end + 2);
    if (head.size() > name.size() && head[name.size()] == ':' &&
        std::equal(name.begin(), name.end(), head.begin(), same)) {
      auto value = head.substr(name.size() + 1, head.find("\r\n") - name.size() - 1);
      value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
      return value.substr(0, value.find_last_not_of(" \t") + 1);
    }
  }
  return std::nullopt;
}

} // namespace troupe::bench
