// Who a proxy says its client is: the PROXY header byte by byte, and X-Forwarded-For.
#include "server/net/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace troupe;
using namespace std::string_literals;

namespace {

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string header(unsigned version_and_command, unsigned what, const std::string& rest) {
  std::string out = signature;
  out += static_cast<char>(version_and_command);
  out += static_cast<char>(what);
  out += static_cast<char>(rest.size() >> 8);
  out += static_cast<char>(rest.size() & 0xff);
  return out + rest;
}

const std::string v4_addresses = "\xc0\x00\x02\x07\x0a\x00\x00\x01\x12\x34\x00\x50"s;
const std::string v6_addresses = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" +
                                 std::string(15, '\0') + "\x01\x12\x34\x00\x50"s;

proxy_header read(const std::string& bytes) {
  const auto found = read_proxy_header(bytes);
  EXPECT_TRUE(found);
  return found.value_or(proxy_header{});
}

bool is(proxy_error error, const std::string& bytes) {
  const auto found = read_proxy_header(bytes);
  return !found && found.error() == error;
}

bool malformed(const std::string& bytes) {
  return is(proxy_error::malformed, bytes);
}

client_address address(std::string_view text) {
  return client_address::parse(text).value();
}

std::string forwarded(std::vector<std::string_view> fields, std::string_view peer = "10.0.0.1") {
  const std::vector<address_block> trusted{address_block::parse("10.0.0.0/8").value(),
                                           address_block::parse("fd00::/8").value()};
  return forwarded_client(fields, trusted, address(peer)).to_string();
}

} // namespace

TEST(proxy_header, names_the_client) {
  const auto v4 = read(header(0x21, 0x11, v4_addresses));
  EXPECT_EQ(v4.client.to_string(), "192.0.2.7");
  EXPECT_EQ(v4.bytes, 28u);
  const auto v6 = read(header(0x21, 0x21, v6_addresses));
  EXPECT_EQ(v6.client.to_string(), "2001:db8::7");
  EXPECT_EQ(v6.bytes, 52u);
}

TEST(proxy_header, ends_where_it_says_whatever_follows) {
  const auto with_extensions = header(0x21, 0x11, v4_addresses + "\x04\x00\x02\x00\x00"s);
  EXPECT_EQ(read(with_extensions + "GET / HTTP/1.1\r\n").bytes, with_extensions.size());
  EXPECT_EQ(read(with_extensions + "GET /").client.to_string(), "192.0.2.7");
}

TEST(proxy_header, need_not_name_anybody) {
  EXPECT_FALSE(read(header(0x20, 0x00, "")).client.known()) << "the proxy itself: a health check";
  EXPECT_FALSE(read(header(0x20, 0x11, v4_addresses)).client.known()) << "LOCAL, addresses skipped";
  EXPECT_FALSE(read(header(0x21, 0x00, "abc")).client.known()) << "family unspecified";
  EXPECT_FALSE(read(header(0x21, 0x31, std::string(216, 'x'))).client.known()) << "a Unix socket";
  EXPECT_FALSE(read(header(0x21, 0x12, v4_addresses)).client.known()) << "UDP";
  EXPECT_EQ(read(header(0x20, 0x11, v4_addresses)).bytes, 28u);
}

TEST(proxy_header, may_come_in_any_portions) {
  for (const auto& whole : {header(0x21, 0x11, v4_addresses + "\x04\x00\x00"s),
                            header(0x21, 0x21, v6_addresses), header(0x20, 0x00, "")})
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_TRUE(is(proxy_error::incomplete, whole.substr(0, size))) << size;
}

TEST(proxy_header, is_refused_at_the_first_wrong_byte) {
  const auto right = header(0x21, 0x11, v4_addresses);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto wrong = right.substr(0, i + 1);
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_TRUE(malformed(wrong)) << i;
  }
  EXPECT_TRUE(malformed("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(malformed("PROXY TCP4 192.0.2.7 10.0.0.1 4660 80\r\n")) << "version 1";
  EXPECT_TRUE(malformed("\x16\x03\x01"));
}

TEST(proxy_header, is_refused_where_it_makes_no_sense) {
  EXPECT_TRUE(malformed(header(0x11, 0x11, v4_addresses))) << "version";
  EXPECT_TRUE(malformed(header(0x31, 0x11, v4_addresses))) << "version";
  EXPECT_TRUE(malformed(header(0x22, 0x11, v4_addresses))) << "command";
  EXPECT_TRUE(malformed(header(0x21, 0x41, v4_addresses))) << "family";
  EXPECT_TRUE(malformed(header(0x21, 0x13, v4_addresses))) << "transport";
  EXPECT_TRUE(malformed(header(0x21, 0x11, v4_addresses.substr(1)))) << "too short for IPv4";
  EXPECT_TRUE(malformed(header(0x21, 0x21, v4_addresses))) << "too short for IPv6";
}

TEST(proxy_header, has_a_bounded_length) {
  const std::size_t rest = proxy_header_bytes_max - 16;
  EXPECT_EQ(read(header(0x21, 0x11, v4_addresses + std::string(rest - 12, 'x'))).bytes,
            proxy_header_bytes_max);
  const auto longer = header(0x21, 0x11, v4_addresses + std::string(rest - 11, 'x'));
  EXPECT_TRUE(malformed(longer));
  EXPECT_TRUE(malformed(longer.substr(0, 16))) << "before any of it is kept";
}

TEST(x_forwarded_for, is_read_from_the_right) {
  EXPECT_EQ(forwarded({"192.0.2.1"}), "192.0.2.1");
  EXPECT_EQ(forwarded({"6.6.6.6, 192.0.2.1"}), "192.0.2.1") << "what the client invented";
  EXPECT_EQ(forwarded({"6.6.6.6, 192.0.2.1, 10.1.1.1"}), "192.0.2.1") << "through two proxies";
  EXPECT_EQ(forwarded({"6.6.6.6", "192.0.2.1", "10.1.1.1"}), "192.0.2.1") << "as several fields";
  EXPECT_EQ(forwarded({"2001:db8::1 ,\tfd00::1"}), "2001:db8::1");
}

TEST(x_forwarded_for, ends_with_the_nearest_that_is_vouched_for) {
  EXPECT_EQ(forwarded({}), "10.0.0.1");
  EXPECT_EQ(forwarded({""}), "10.0.0.1");
  EXPECT_EQ(forwarded({" , ,"}), "10.0.0.1");
  EXPECT_EQ(forwarded({"10.3.3.3, 10.2.2.2"}), "10.3.3.3") << "trusted all the way";
  EXPECT_EQ(forwarded({"unknown"}), "10.0.0.1");
  EXPECT_EQ(forwarded({"192.0.2.1, unknown, 10.2.2.2"}), "10.2.2.2");
  EXPECT_EQ(forwarded({"192.0.2.1, <script>, 10.2.2.2"}), "10.2.2.2");
}

TEST(x_forwarded_for, may_carry_ports) {
  EXPECT_EQ(forwarded({"192.0.2.1:4711"}), "192.0.2.1");
  EXPECT_EQ(forwarded({"[2001:db8::1]:4711"}), "2001:db8::1");
  EXPECT_EQ(forwarded({"[2001:db8::1]"}), "2001:db8::1");
  EXPECT_EQ(forwarded({"[2001:db8::1"}), "10.0.0.1");
}

TEST(proxy_config, trusts_for_one_purpose) {
  proxy_config config;
  config.trusted = {address_block::parse("10.0.0.0/8").value()};
  EXPECT_FALSE(config.trusts(proxy_protocol::proxy_v2, address("10.0.0.1")));
  config.protocol = proxy_protocol::proxy_v2;
  EXPECT_TRUE(config.trusts(proxy_protocol::proxy_v2, address("10.0.0.1")));
  EXPECT_FALSE(config.trusts(proxy_protocol::proxy_v2, address("192.0.2.1")));
  EXPECT_FALSE(config.trusts(proxy_protocol::x_forwarded_for, address("10.0.0.1")));
}
