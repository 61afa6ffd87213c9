#include "troupe/wire/client_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace troupe {

namespace {

constexpr std::array<unsigned char, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned v4_prefix_bits = 96;

} // namespace

client_address client_address::of_v4(std::span<const unsigned char, 4> bytes) {
  client_address out;
  const auto end = std::ranges::copy(v4_prefix, out.bytes.begin()).out;
  std::ranges::copy(bytes, end);
  return out;
}

client_address client_address::of_v6(std::span<const unsigned char, 16> bytes) {
  client_address out;
  std::ranges::copy(bytes, out.bytes.begin());
  return out;
}

std::optional<client_address> client_address::parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN]; // longer text is no address
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  *std::ranges::copy(text, terminated).out = '\0';
  std::array<unsigned char, 4> v4;
  if (::inet_pton(AF_INET, terminated, v4.data()) == 1)
    return of_v4(v4);
  client_address out;
  if (::inet_pton(AF_INET6, terminated, out.bytes.data()) == 1)
    return out;
  return std::nullopt;
}

bool client_address::is_v4() const {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin());
}

std::string client_address::to_string() const {
  char text[INET6_ADDRSTRLEN];
  const bool v4 = is_v4();
  const auto* from = bytes.data() + (v4 ? v4_prefix.size() : 0);
  return ::inet_ntop(v4 ? AF_INET : AF_INET6, from, text, sizeof text);
}

client_address client_address::network(unsigned bits) const {
  client_address out;
  for (unsigned i = 0; i < out.bytes.size() && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8u);
    out.bytes[i] = static_cast<unsigned char>(bytes[i] & (0xff00u >> here));
    bits -= here;
  }
  return out;
}

client_address client_address::holder() const {
  constexpr unsigned v6_network_bits = 64;
  return is_v4() ? *this : network(v6_network_bits);
}

std::optional<address_block> address_block::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = client_address::parse(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  address_block out{*address, 128};
  if (slash == std::string_view::npos)
    return out;
  const auto digits = text.substr(slash + 1);
  const unsigned before = text.find(':') == std::string_view::npos ? v4_prefix_bits : 0;
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > 128 - before)
    return std::nullopt;
  out.bits = before + bits;
  const bool has_all_v4 = out.bits < v4_prefix_bits &&
                          out.contains(client_address::of_v4(std::array<unsigned char, 4>{}));
  if (has_all_v4 || out.first.network(out.bits) != out.first)
    return std::nullopt;
  return out;
}

std::string address_block::to_string() const {
  return first.to_string() + '/' + std::to_string(first.is_v4() ? bits - v4_prefix_bits : bits);
}

bool is_in(const std::vector<address_block>& blocks, const client_address& who) {
  return std::ranges::any_of(blocks, [&](const auto& block) { return block.contains(who); });
}

} // namespace troupe
