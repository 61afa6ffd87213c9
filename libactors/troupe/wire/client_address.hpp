// The address of a client as a value: to count by, to compare, to log. Pure.
//
// Sixteen bytes of IPv6; IPv4 is mapped into it (RFC 4291 section 2.5.5.2), so that one type serves
// both and a client is the same whether the server listens on `0.0.0.0` or on `::`.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct client_address {
  std::array<unsigned char, 16> bytes{}; ///< network order; all zero: not known

  /// Of four or sixteen bytes in network order.
  static client_address of_v4(std::span<const unsigned char, 4> bytes);
  static client_address of_v6(std::span<const unsigned char, 16> bytes);
  /// Of text such as `192.0.2.1` or `2001:db8::1`, nothing around it.
  static std::optional<client_address> parse(std::string_view text);

  bool is_v4() const;
  bool known() const { return bytes != decltype(bytes){}; }

  /// `192.0.2.1`, `2001:db8::1`; `::` when it is not known.
  std::string to_string() const;

  /// The address with all but its first `bits` (of 128) cleared.
  client_address network(unsigned bits) const;

  /// What limits count by: an IPv4 address, or the /64 network of an IPv6 one, because whoever has
  /// one has the other 2^64 too.
  client_address holder() const;

  /// For a `keyed_map`.
  std::string_view key_bytes() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  friend auto operator<=>(const client_address&, const client_address&) = default;
};

/// A block of addresses, `10.0.0.0/8` or a single one.
struct address_block {
  client_address first;
  unsigned bits = 128; ///< of 128: 96 more than CIDR says for IPv4

  /// Of `192.0.2.0/24`, `2001:db8::/32` or an address. Bits behind the prefix must be zero. An IPv6
  /// block that all of IPv4 would be in, because it is mapped there, is none: `::/16`, say.
  static std::optional<address_block> parse(std::string_view text);

  bool contains(const client_address& who) const { return who.network(bits) == first; }
  std::string to_string() const;

  friend bool operator==(const address_block&, const address_block&) = default;
};

/// Whether one of `blocks` contains `who`.
bool is_in(const std::vector<address_block>& blocks, const client_address& who);

} // namespace troupe
