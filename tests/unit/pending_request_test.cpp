#include "troupe/delivery/pending_request.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

pending_request::place at(std::string name, std::uint64_t offset) {
  return {std::move(name), {"e", offset}, {}, {}};
}

using purpose = pending_request::purpose;
constexpr pending_request::time_point later{std::chrono::seconds{5}};

std::vector<std::string> names_of(const std::vector<pending_request::place>& places) {
  std::vector<std::string> out;
  for (const auto& each : places)
    out.push_back(each.name);
  return out;
}

TEST(pending_request, is_settled_by_the_last_answer) {
  pending_request wait{purpose::subscribe, {"a", "b", "c"}};
  wait.begin(7, later);
  EXPECT_EQ(wait.until(), later);
  EXPECT_TRUE(wait.grant(7, at("c", 3)));
  EXPECT_TRUE(wait.refuse(7, "b", error{errc::limit_exceeded, "Full"}));
  EXPECT_FALSE(wait.settled());
  EXPECT_TRUE(wait.grant(7, at("a", 1)));
  EXPECT_TRUE(wait.settled());
  EXPECT_EQ(names_of(wait.granted()), (std::vector<std::string>{"a", "c"})) << "as it was asked";
  EXPECT_EQ(wait.granted().back().at.offset, 3u);
  ASSERT_EQ(wait.refused().size(), 1u);
  EXPECT_EQ(wait.refused().front().message, "Full");
  EXPECT_EQ(wait.refused().front().name, "b");
  EXPECT_EQ(wait.refused().front().kind, audience_kind::topic);
}

TEST(pending_request, answers_to_an_earlier_request_do_not_count) {
  pending_request wait{purpose::join, {"lobby"}};
  wait.begin(7, later);
  EXPECT_FALSE(wait.grant(6, at("lobby", 1)));
  EXPECT_FALSE(wait.refuse(6, "lobby", error{errc::limit_exceeded}));
  EXPECT_FALSE(wait.settled());
  EXPECT_TRUE(wait.granted().empty());
  EXPECT_TRUE(wait.refused().empty());
}

TEST(pending_request, awaits_a_room_or_topics_and_not_the_other) {
  const pending_request rooms{purpose::join, {"a"}};
  EXPECT_TRUE(rooms.awaits(audience_kind::room, "a"));
  EXPECT_FALSE(rooms.awaits(audience_kind::topic, "a"));
  const pending_request first{purpose::first_room, {"a"}};
  EXPECT_TRUE(first.awaits(audience_kind::room, "a"));
  const pending_request topics{purpose::subscribe, {"a", "b"}};
  EXPECT_TRUE(topics.awaits(audience_kind::topic, "b"));
  EXPECT_FALSE(topics.awaits(audience_kind::topic, "c"));
  EXPECT_FALSE(topics.awaits(audience_kind::room, "a"));
}

TEST(pending_request, what_it_listens_to_already_needs_no_answer) {
  pending_request wait{purpose::subscribe, {"a", "b"}};
  wait.begin(1, later);
  wait.know(at("a", 9));
  EXPECT_FALSE(wait.settled());
  wait.know(at("b", 2));
  EXPECT_TRUE(wait.settled());
  EXPECT_EQ(wait.granted().size(), 2u);
}

TEST(pending_request, what_was_not_even_asked_for_is_no_answer) {
  const std::vector<error> forbidden{error{errc::insufficient_permissions}};
  const pending_request some{purpose::subscribe, {"a"}, {}, false, forbidden};
  EXPECT_FALSE(some.settled());
  EXPECT_EQ(some.refused().size(), 1u);
  const pending_request none{purpose::subscribe, {}, {}, false, forbidden};
  EXPECT_TRUE(none.settled());
}

TEST(pending_request, time_ends_it_with_what_was_granted_until_then) {
  pending_request wait{purpose::subscribe, {"a", "b", "c"}};
  wait.begin(1, later);
  wait.grant(1, at("b", 2));
  wait.refuse(1, "c", error{errc::limit_exceeded});
  wait.time_out();
  EXPECT_TRUE(wait.settled());
  EXPECT_EQ(names_of(wait.granted()), std::vector<std::string>{"b"});
  ASSERT_EQ(wait.refused().size(), 2u) << "each with one reason";
  EXPECT_EQ(wait.refused().back().code, errc::timeout);
  EXPECT_EQ(wait.refused().back().name, "a");
}

TEST(pending_request, a_room_that_is_refused_is_named) {
  pending_request wait{purpose::join, {"lobby"}};
  wait.begin(1, later);
  wait.refuse(1, "lobby", error{errc::limit_exceeded, "Full"});
  EXPECT_EQ(wait.refused().front().message, "Full");
  EXPECT_EQ(wait.refused().front().name, "lobby");
  EXPECT_EQ(wait.refused().front().kind, audience_kind::room);
}

} // namespace
} // namespace troupe
