#include "server/bridges/nats_nkey.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

namespace troupe {

namespace {

using bytes = std::vector<unsigned char>;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648, section 6
constexpr unsigned char seed_prefix = 18 << 3;                            // "S"
constexpr unsigned char user_prefix = 20 << 3;                            // "U"
constexpr std::size_t key_bytes = 32;

std::optional<bytes> from_base32(std::string_view text) {
  bytes out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos)
      return std::nullopt;
    buffer = buffer << 5 | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<unsigned char>(buffer >> bits));
    }
  }
  return out;
}

std::string to_base32(const bytes& raw) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const unsigned char byte : raw) {
    buffer = buffer << 8 | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5)
      out += alphabet[buffer >> (bits - 5) & 31u];
  }
  if (bits > 0)
    out += alphabet[buffer << (5 - bits) & 31u];
  return out;
}

// CRC-16/XMODEM, as NATS's keys end with it, low byte first.
std::uint16_t checksum(const unsigned char* data, std::size_t size) {
  unsigned crc = 0;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= static_cast<unsigned>(data[i]) << 8;
    for (int bit = 0; bit < 8; ++bit)
      crc = crc & 0x8000u ? crc << 1 ^ 0x1021u : crc << 1;
  }
  return static_cast<std::uint16_t>(crc);
}

std::optional<bytes> public_of(const unsigned char* seed) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed, key_bytes), EVP_PKEY_free);
  bytes out(key_bytes);
  std::size_t size = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1 || size != key_bytes)
    return std::nullopt;
  return out;
}

} // namespace

std::optional<nkey_pair> nkey_of_seed(std::string_view seed) {
  auto raw = from_base32(seed);
  // Two bytes of prefixes, which share five bits each, the key, and its checksum.
  if (!raw || raw->size() != 2 + key_bytes + 2)
    return std::nullopt;
  const auto& data = *raw;
  const std::size_t body = data.size() - 2;
  const unsigned sum = data[body] | static_cast<unsigned>(data[body + 1]) << 8;
  const unsigned kind = (data[0] & 7u) << 5 | (data[1] & 0xf8u) >> 3;
  const bool right =
    sum == checksum(data.data(), body) && (data[0] & 0xf8u) == seed_prefix && kind == user_prefix;
  const auto key = right ? public_of(data.data() + 2) : std::nullopt;
  OPENSSL_cleanse(raw->data(), raw->size());
  if (!key)
    return std::nullopt;
  bytes shown{user_prefix};
  shown.insert(shown.end(), key->begin(), key->end());
  const auto end = checksum(shown.data(), shown.size());
  shown.push_back(static_cast<unsigned char>(end & 0xff));
  shown.push_back(static_cast<unsigned char>(end >> 8));
  return nkey_pair{std::string(seed), to_base32(shown)};
}

text_result<nkey_pair> read_nkey(const std::string& file) {
  errno = 0;
  std::ifstream in(file);
  if (!in)
    return fail(std::system_category().message(errno));
  std::string line;
  for (int lines = 0; lines < 100 && std::getline(in, line); ++lines) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
      line.pop_back();
    if (auto keys = nkey_of_seed(line))
      return std::move(*keys);
  }
  return fail("has no valid seed of a user (SU...)");
}

} // namespace troupe
