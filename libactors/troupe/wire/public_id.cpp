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
constexpr char rounds = 4;

std::uint32_t round_hash(std::uint32_t half, char round, const keyed_hash& hash) {
  std::array<char, 1 + sizeof(half)> input{round};
  std::memcpy(&input[1], &half, sizeof(half));
  return static_cast<std::uint32_t>(hash({input.data(), input.size()}));
}

std::uint64_t permuted(std::uint64_t value, const keyed_hash& hash) {
  auto left = static_cast<std::uint32_t>(value >> 32);
  auto right = static_cast<std::uint32_t>(value);
  for (char round = 0; round < rounds; ++round)
    left = std::exchange(right, left ^ round_hash(right, round, hash));
  return std::uint64_t{left} << 32 | right;
}

// The rounds backwards.
std::uint64_t permuted_back(std::uint64_t value, const keyed_hash& hash) {
  auto left = static_cast<std::uint32_t>(value >> 32);
  auto right = static_cast<std::uint32_t>(value);
  for (char round = rounds; round-- > 0;)
    right = std::exchange(left, right ^ round_hash(left, round, hash));
  return std::uint64_t{left} << 32 | right;
}

constexpr std::uint64_t purpose = 0x7075626c69632069u; // the key has other uses, too

} // namespace

std::string public_id(connection_id connection, std::uint64_t key) {
  return base32(permuted(connection.value, keyed_hash(key, purpose)));
}

connection_id connection_of(std::string_view public_id, std::uint64_t key) {
  const auto number = read_base32(public_id);
  return number ? connection_id{permuted_back(*number, keyed_hash(key, purpose))} : no_connection;
}

} // namespace troupe
