#include "server/net/proxy_protocol.hpp"

#include <algorithm>
#include <optional>

namespace troupe {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t fixed_bytes = 16;

constexpr unsigned version = 2;
constexpr unsigned command_local = 0, command_proxy = 1;
constexpr unsigned family_max = 3, transport_max = 2;
constexpr unsigned tcp_over_v4 = 0x11, tcp_over_v6 = 0x21;
constexpr std::size_t v4_bytes = 12, v6_bytes = 36; // two addresses, two ports

template <std::size_t size>
std::array<unsigned char, size> bytes_at(std::string_view text, std::size_t begin) {
  std::array<unsigned char, size> out;
  std::memcpy(out.data(), text.data() + begin, size);
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `[2001:db8::1]`.
std::optional<client_address> forwarded_address(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end == std::string_view::npos ? std::nullopt
                                         : client_address::parse(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1)
    text = text.substr(0, text.find(':'));
  return client_address::parse(text);
}

} // namespace

result<proxy_header, proxy_error> read_proxy_header(std::string_view received) {
  const auto begun = std::min(received.size(), signature.size());
  if (received.substr(0, begun) != signature.substr(0, begun))
    return fail(proxy_error::malformed);
  if (received.size() < fixed_bytes)
    return fail(proxy_error::incomplete);
  const auto head = bytes_at<4>(received, signature.size());
  const unsigned command = head[0] & 0x0fu;
  const unsigned what = head[1];
  const std::size_t rest = std::size_t{head[2]} << 8 | head[3];
  if (head[0] >> 4 != version || command > command_proxy || what >> 4 > family_max ||
      (what & 0x0fu) > transport_max || fixed_bytes + rest > proxy_header_bytes_max)
    return fail(proxy_error::malformed);
  const bool v4 = command != command_local && what == tcp_over_v4;
  const bool v6 = command != command_local && what == tcp_over_v6;
  if (rest < (v4 ? v4_bytes : v6 ? v6_bytes : 0))
    return fail(proxy_error::malformed);
  if (received.size() < fixed_bytes + rest)
    return fail(proxy_error::incomplete);
  proxy_header out{fixed_bytes + rest};
  if (v4)
    out.client = client_address::of_v4(bytes_at<4>(received, fixed_bytes));
  if (v6)
    out.client = client_address::of_v6(bytes_at<16>(received, fixed_bytes));
  return out;
}

client_address forwarded_client(std::span<const std::string_view> fields,
                                const std::vector<address_block>& trusted, client_address peer) {
  client_address nearest = peer;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    std::string_view left = *field;
    while (!left.empty()) {
      const auto comma = left.rfind(',');
      const auto entry = trimmed(comma == std::string_view::npos ? left : left.substr(comma + 1));
      left = comma == std::string_view::npos ? std::string_view{} : left.substr(0, comma);
      if (entry.empty())
        continue;
      const auto address = forwarded_address(entry);
      if (!address)
        return nearest; // "unknown", or nonsense: beyond it nothing is vouched for
      nearest = *address;
      if (!is_in(trusted, nearest))
        return nearest;
    }
  }
  return nearest;
}

} // namespace troupe
