#include "troupe/audience/recent_admits.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr audience_id lobby{1}, other{2};
const recent_admits::time_point start = std::chrono::steady_clock::time_point{} + 1h;

std::vector<ticket> behind(const recent_admits& all, audience_id to, std::uint64_t answered) {
  std::vector<ticket> out;
  all.for_each_behind(to, answered, [&](const auto& who) { out.push_back(who.asked); });
  return out;
}

TEST(recent_admits, knows_who_was_not_answered) {
  recent_admits all;
  for (ticket i = 1; i <= 4; ++i)
    all.add({lobby, i, connection_id::make(0, i, 1), 10 + i}, start);
  all.add({other, 3, connection_id::make(0, 9, 1), 99}, start);
  EXPECT_EQ(behind(all, lobby, 2), (std::vector<ticket>{13, 14}));
  EXPECT_EQ(behind(all, lobby, 4), (std::vector<ticket>{}));
  EXPECT_EQ(behind(all, other, 0), (std::vector<ticket>{99}));
}

TEST(recent_admits, forgets_who_has_given_up_by_itself) {
  recent_admits all;
  all.add({lobby, 1, {}, 1}, start);
  all.add({lobby, 2, {}, 2}, start + answer_timeout);
  EXPECT_EQ(all.size(), 2u);
  all.add({lobby, 3, {}, 3}, start + answer_timeout + 1ms);
  EXPECT_EQ(behind(all, lobby, 0), (std::vector<ticket>{2, 3}));
}

} // namespace
} // namespace troupe
