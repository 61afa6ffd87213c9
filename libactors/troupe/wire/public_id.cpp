#include "troupe/wire/public_id.hpp"

#include "troupe/wire/base32.hpp"
#include "troupe/wire/keyed_hash.hpp"

#include <array>
#include <cstring>
#include <utility>

namespace troupe {

namespace {

// Four rounds of a Feistel network with a pseudo-random function make a permutation that cannot be
// told from a random one, even by who may choose what goes in and what comes out (Luby and Rackoff,
// 1988).
std::uint64_t permuted(std::uint64_t value, const keyed_hash& hash) {
  constexpr char rounds = 4;
  auto left = static_cast<std::uint32_t>(value >> 32);
  auto right = static_cast<std::uint32_t>(value);
  for (char round = 0; round < rounds; ++round) {
    std::array<char, 1 + sizeof(right)> input{round};
    std::memcpy(&input[1], &right, sizeof(right));
    const auto mixed = static_cast<std::uint32_t>(hash({input.data(), input.size()}));
    left = std::exchange(right, left ^ mixed);
  }
  return std::uint64_t{left} << 32 | right;
}

} // namespace

std::string public_id(connection_id connection, std::uint64_t key) {
  constexpr std::uint64_t purpose = 0x7075626c69632069u; // the key has other uses, too
  return base32(permuted(connection.value, keyed_hash(key, purpose)));
}

} // namespace troupe
