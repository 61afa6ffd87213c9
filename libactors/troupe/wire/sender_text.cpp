#include "troupe/wire/sender_text.hpp"

#include "troupe/wire/base32.hpp"
#include "troupe/wire/keyed_hash.hpp"

#include <cstring>

namespace troupe {

namespace {

// What only this server knows of a number.
std::uint64_t proof_of(std::uint64_t sender, std::uint64_t key) {
  constexpr std::uint64_t purpose = 0x73657373696f6e73u; // the key has other uses, too
  char bytes[sizeof(sender)];
  std::memcpy(bytes, &sender, sizeof(sender));
  return keyed_hash(key, purpose)({bytes, sizeof(bytes)});
}

} // namespace

// The number is shown under its own proof, so that it tells nothing of the connection.
std::string sender_text(std::uint64_t sender, std::uint64_t key) {
  const auto proof = proof_of(sender, key);
  return base32(sender ^ proof_of(proof, key)) + base32(proof);
}

std::optional<std::uint64_t> read_sender_text(std::string_view text, std::uint64_t key) {
  if (text.size() != 2 * base32_length)
    return std::nullopt;
  const auto hidden = read_base32(text.substr(0, base32_length));
  const auto proof = read_base32(text.substr(base32_length));
  if (!hidden || !proof)
    return std::nullopt;
  const auto sender = *hidden ^ proof_of(*proof, key);
  return proof_of(sender, key) == *proof ? std::optional(sender) : std::nullopt;
}

} // namespace troupe
