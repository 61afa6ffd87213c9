// What has been seen, what comes twice, and what is missing; and the names of it.
#include "troupe_client/detail/names.hpp"
#include "troupe_client/detail/portions.hpp"
#include "troupe_client/detail/seam.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace troupe_client;
using namespace troupe_client::detail;

TEST(client_seam, each_frame_once_and_in_order) {
  seam at;
  EXPECT_TRUE(at.take(7).deliver) << "before there is a position";
  EXPECT_FALSE(at.recoverable());
  at.stand({"e", 7});
  EXPECT_TRUE(at.recoverable());
  EXPECT_FALSE(at.take(6).deliver);
  EXPECT_FALSE(at.take(7).deliver);
  EXPECT_TRUE(at.take(8).deliver);
  EXPECT_FALSE(at.take(8).deliver);
  EXPECT_EQ(at.at(), (position{"e", 8}));
  at.stand({"f", 2}); // another run of offsets: it may go back
  EXPECT_TRUE(at.take(3).deliver);
}

TEST(client_seam, a_hole_is_told) {
  seam at;
  at.stand({"e", 7});
  const auto verdict = at.take(10);
  EXPECT_TRUE(verdict.deliver);
  EXPECT_EQ(verdict.missing, 2u);
  EXPECT_FALSE(at.take(11).missing);
  EXPECT_TRUE(at.skip(14)); // a gap of the server's
  EXPECT_FALSE(at.skip(13)) << "that is behind";
  EXPECT_FALSE(at.take(15).missing);
}

TEST(client_seam, prev_names_the_frame_before) {
  seam at;
  at.stand({"e", 7});
  EXPECT_FALSE(at.take(20, 7).missing) << "others lie in between, and are not for here";
  EXPECT_EQ(at.take(30, 25).missing, 5u);
  EXPECT_FALSE(at.take(30, 20).deliver);
}

TEST(client_seam, ones_own_that_does_not_come) {
  seam at;
  at.stand({"e", 7});
  at.said({"e", 9}); // others come before it
  at.said({"f", 8});
  EXPECT_EQ(at.at().offset, 7u);
  at.said({"e", 8});
  EXPECT_FALSE(at.take(9).missing);
}

TEST(client_names, what_the_server_would_refuse) {
  for (const auto* good : {"a", "a.b", "poll/lunch", "A-Z_0:9@x", "user.auth0:7C7"})
    EXPECT_TRUE(valid_name(good)) << good;
  for (const std::string odd :
       {"", ".", "a.", ".a", "a..b", "a b", "a*", "*", ">", "\xc3\xb6", "a\n"})
    EXPECT_FALSE(valid_name(odd)) << odd;
  EXPECT_TRUE(valid_name(std::string(128, 'a')));
  EXPECT_FALSE(valid_name(std::string(129, 'a')));
  for (const auto* good : {"*", ">", "a.*", "a.>", "*.b.>"})
    EXPECT_TRUE(valid_pattern(good)) << good;
  for (const auto* odd : {"a*", ">.a", "a.**", "poll/*", ""})
    EXPECT_FALSE(valid_pattern(odd)) << odd;
}

TEST(client_names, patterns) {
  EXPECT_TRUE(matches("a.*", "a.b"));
  EXPECT_FALSE(matches("a.*", "a.b.c"));
  EXPECT_FALSE(matches("a.*", "a"));
  EXPECT_TRUE(matches("a.>", "a.b.c"));
  EXPECT_FALSE(matches("a.>", "a"));
  EXPECT_TRUE(matches("*.b", "a.b"));
  EXPECT_FALSE(matches("*.b", "a.c"));
}

TEST(client_portions, at_most_128_names) {
  std::vector<wanted_topic> wanted;
  for (int i = 0; i < 300; ++i)
    wanted.push_back({.name = "t." + std::to_string(i)});
  const auto parts = portions_of(wanted);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].names.size(), 128u);
  EXPECT_EQ(parts[2].names.size(), 44u);
  EXPECT_EQ(parts[1].names.front(), "t.128");
  EXPECT_EQ(parts[2].request["topics"].size(), 44u);
  EXPECT_FALSE(parts[0].request.contains("recover"));
  EXPECT_TRUE(portions_of({}).empty());
}

TEST(client_portions, at_most_16_kib_with_positions) {
  std::vector<wanted_topic> wanted;
  for (int i = 0; i < 200; ++i) {
    auto name = std::to_string(i);
    name = std::string(128 - name.size(), 'n') + name;
    wanted.push_back(
      {.name = name, .recover = position{"abcdefgh-12345", 18'446'744'073'709'551'615u}});
  }
  std::size_t names = 0;
  for (auto& part : portions_of(wanted)) {
    part.request["id"] = 4'294'967'295u;
    EXPECT_LE(part.request.dump().size(), 16u * 1024);
    EXPECT_GT(part.request.dump().size(), 15u * 1024 * (names == 0 ? 1 : 0));
    EXPECT_EQ(part.request["recover"].size(), part.names.size());
    names += part.names.size();
  }
  EXPECT_EQ(names, 200u);
}

TEST(client_portions, presence_in_frames_of_its_own) {
  const auto parts = portions_of({{.name = "a"}, {.name = "b", .presence = true}, {.name = "c"}});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].names, (std::vector<std::string>{"a", "c"}));
  EXPECT_FALSE(parts[0].request.contains("presence"));
  EXPECT_EQ(parts[1].names, std::vector<std::string>{"b"});
  EXPECT_EQ(parts[1].request["presence"], true);
}
