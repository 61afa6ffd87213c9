// Names of things that messages carry instead of pointers. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace troupe {

/// One connection (a socket) for as long as it lives. The number says on which node and I/O loop
/// the socket is, and where in that loop's table, so that finding it costs no hashing; the
/// generation tells a connection from the one that had its place before. Node 0 is this process.
/// Never shown to anybody outside: see public_id.hpp.
struct connection_id {
  std::uint64_t value = 0;

  static constexpr unsigned node_bits = 8;
  static constexpr unsigned loop_bits = 8;
  static constexpr unsigned slot_bits = 22;
  static constexpr unsigned generation_bits = 26;
  static_assert(node_bits + loop_bits + slot_bits + generation_bits == 64);
  static constexpr std::uint32_t nodes_max = 1u << node_bits;
  static constexpr std::uint32_t loops_max = 1u << loop_bits;
  static constexpr std::uint32_t slots_max = 1u << slot_bits;
  static constexpr std::uint32_t generation_mask = (1u << generation_bits) - 1;

  static constexpr connection_id make(std::uint32_t loop, std::uint32_t slot,
                                      std::uint32_t generation, std::uint32_t node = 0) {
    return {std::uint64_t{node} << (loop_bits + slot_bits + generation_bits) |
            std::uint64_t{loop} << (slot_bits + generation_bits) |
            std::uint64_t{slot} << generation_bits | generation};
  }

  constexpr std::uint32_t node() const {
    return static_cast<std::uint32_t>(value >> (loop_bits + slot_bits + generation_bits));
  }
  constexpr std::uint32_t loop() const {
    return static_cast<std::uint32_t>(value >> (slot_bits + generation_bits)) & (loops_max - 1);
  }
  constexpr std::uint32_t slot() const {
    return static_cast<std::uint32_t>(value >> generation_bits) & (slots_max - 1);
  }
  constexpr std::uint32_t generation() const {
    return static_cast<std::uint32_t>(value) & generation_mask;
  }

  auto operator<=>(const connection_id&) const = default;
};

/// No connection: the generation of a real one is never 0.
inline constexpr connection_id no_connection{};

/// Whom something is charged to of which there is only so much for all: an address, a user, a
/// connection. A number under a secret key, so it tells nothing, and nobody can aim at another's.
enum class holder_id : std::uint64_t {};

/// Nobody in particular: the server itself, or whoever could not be told from others.
inline constexpr holder_id no_holder{};

/// Whom a connection belongs to.
struct holders {
  holder_id address{};
  holder_id user{}; ///< by its token

  bool operator==(const holders&) const = default;
};

/// The listeners of one room or topic, for as long as its actor lives.
enum class audience_id : std::uint64_t {};

/// What kind of audience: they have separate names.
enum class audience_kind : std::uint8_t { room, topic };

/// A place in the sequence of messages of one room or topic. `offset` grows by one a message;
/// `epoch` names one unbroken run of offsets (it changes when the actor starts anew).
struct position {
  std::string epoch;
  std::uint64_t offset = 0;
};

/// Tells the answer a connection waits for from one it no longer waits for.
using ticket = std::uint32_t;

} // namespace troupe

template <>
struct std::hash<troupe::connection_id> {
  std::size_t operator()(troupe::connection_id id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value * 0x9e3779b97f4a7c15u);
  }
};
