// Addresses of clients as values: text and back, blocks, and what makes two of them the same.
#include "server/edge/socket_address.hpp"
#include "troupe/wire/client_address.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

using namespace troupe;

namespace {

client_address address(std::string_view text) {
  const auto parsed = client_address::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(client_address{});
}

address_block block(std::string_view text) {
  const auto parsed = address_block::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(address_block{});
}

} // namespace

TEST(client_address, is_taken_from_a_socket_address) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(4711);
  v4.sin_addr.s_addr = htonl(0xc0000201);
  const auto plain = address_of(reinterpret_cast<const sockaddr*>(&v4));
  EXPECT_EQ(plain.to_string(), "192.0.2.1");
  EXPECT_TRUE(plain.is_v4());

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  ASSERT_EQ(inet_pton(AF_INET6, "2001:db8::7", &v6.sin6_addr), 1);
  const auto six = address_of(reinterpret_cast<const sockaddr*>(&v6));
  EXPECT_EQ(six.to_string(), "2001:db8::7");
  EXPECT_FALSE(six.is_v4());

  // What a socket that listens on `::` reports of an IPv4 client is the same client.
  ASSERT_EQ(inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr), 1);
  EXPECT_EQ(address_of(reinterpret_cast<const sockaddr*>(&v6)), plain);
}

TEST(client_address, is_unknown_without_an_ip_address) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(address_of(reinterpret_cast<const sockaddr*>(&local)).known());
  EXPECT_FALSE(address_of(nullptr).known());
  EXPECT_FALSE(client_address{}.known());
  EXPECT_TRUE(address("0.0.0.0").known());
}

TEST(client_address, reads_what_it_shows) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::1", "::", "2001:db8::1",
                           "fe80::1234:5678:9abc:def0", "1:2:3:4:5:6:7:8"})
    EXPECT_EQ(address(text).to_string(), text);
  EXPECT_EQ(address("2001:DB8:0:0::1").to_string(), "2001:db8::1");
  EXPECT_EQ(address("::ffff:10.0.0.1").to_string(), "10.0.0.1");
}

TEST(client_address, reads_nothing_else) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, " 127.0.0.1"sv, "127.0.0.1 "sv, "127.0.0.1:80"sv, "127.0.0"sv, "127.0.0.256"sv,
        "[::1]"sv, "::1%lo"sv, "localhost"sv, "unknown"sv, "127.0.0.1\0"sv, "1::2::3"sv,
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd"sv})
    EXPECT_FALSE(client_address::parse(text)) << text;
}

TEST(client_address, differs_and_hashes_by_its_bytes) {
  keyed_map<client_address, bool> seen;
  for (unsigned i = 0; i < 65536; ++i) {
    const std::array<unsigned char, 4> bytes{10, 0, static_cast<unsigned char>(i >> 8),
                                             static_cast<unsigned char>(i)};
    EXPECT_TRUE(seen.emplace(client_address::of_v4(bytes), true).second);
  }
  EXPECT_TRUE(seen.contains(address("10.0.255.255")));
  EXPECT_FALSE(seen.contains(address("10.1.0.0")));
  EXPECT_LT(address("10.0.0.1"), address("10.0.0.2"));
  // No bucket may hold many of them, or a network of clients could make counting slow.
  std::size_t longest = 0;
  for (std::size_t i = 0; i < seen.bucket_count(); ++i)
    longest = std::max(longest, seen.bucket_size(i));
  EXPECT_LT(longest, 16u);
}

TEST(address_block, holds_the_addresses_of_its_prefix) {
  EXPECT_TRUE(block("10.0.0.0/8").contains(address("10.255.0.1")));
  EXPECT_FALSE(block("10.0.0.0/8").contains(address("11.0.0.0")));
  EXPECT_TRUE(block("192.0.2.128/25").contains(address("192.0.2.255")));
  EXPECT_FALSE(block("192.0.2.128/25").contains(address("192.0.2.127")));
  EXPECT_TRUE(block("192.0.2.1").contains(address("192.0.2.1")));
  EXPECT_FALSE(block("192.0.2.1").contains(address("192.0.2.2")));
  EXPECT_TRUE(block("192.0.2.1/32").contains(address("::ffff:192.0.2.1")));
  EXPECT_TRUE(block("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(block("2001:db8::/33").contains(address("2001:db8:8000::1")));
  EXPECT_TRUE(block("0.0.0.0/0").contains(address("203.0.113.9")));
  EXPECT_FALSE(block("0.0.0.0/0").contains(address("2001:db8::1")));
}

// Or a slip of the pen, `::/16` instead of `fd00::/16`, would ban or trust whoever has IPv4.
TEST(address_block, of_ipv6_does_not_have_all_of_ipv4_in_it) {
  for (const char* text :
       {"::/0", "::/1", "::/16", "::/64", "::/80", "::8000:0:0/81", "::fffe:0:0/95"})
    EXPECT_FALSE(address_block::parse(text)) << text;
  for (const char* text : {"2000::/3", "8000::/1", "::/81", "::/96", "::1/128", "::fffe:0:0/96"}) {
    EXPECT_EQ(block(text).to_string(), text);
    EXPECT_FALSE(block(text).contains(address("0.0.0.0"))) << text;
    EXPECT_FALSE(block(text).contains(address("203.0.113.9"))) << text;
  }
  EXPECT_EQ(block("::ffff:0:0/96"), block("0.0.0.0/0")) << "it is IPv4";
  EXPECT_EQ(block("::ffff:10.0.0.0/104"), block("10.0.0.0/8"));
}

TEST(address_block, reads_nothing_else) {
  for (const char* text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.1/8",
        "::1/64", "::/129", "10.0.0.0/8/8", "10/8", "10.0.0.0/08x", "10.0.0.0/4294967304"})
    EXPECT_FALSE(address_block::parse(text)) << text;
}

TEST(address_block, is_shown_as_it_may_be_written) {
  for (const char* text : {"10.0.0.0/8", "192.0.2.1/32", "0.0.0.0/0", "2001:db8::/32", "::1/128"})
    EXPECT_EQ(block(text).to_string(), text);
  EXPECT_EQ(block("127.0.0.1").to_string(), "127.0.0.1/32");
}
