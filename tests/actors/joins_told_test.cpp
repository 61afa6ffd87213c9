// Up to how many members a room tells of each who comes and goes.
#include "heard.hpp"
#include "staffed_server.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct room_of_ten : staffed_server {
  explicit room_of_ten(std::uint32_t most = 10) : most_(most) {
    change([this](live_settings& next) {
      auto all = open_to_all();
      all.joins_told_max = most_;
      next.access = access_rules({all});
    });
    first = enter(nullptr, "r");
  }

  // As many members as that, `first` among them: the oldest of the others go.
  void have(std::size_t members) {
    while (others.size() + 1 < members)
      others.push_back(enter(nullptr, "r"));
    while (others.size() + 1 > members) {
      others.front()->vanish();
      others.pop_front();
      run();
    }
  }
  std::size_t told(const std::string& type) {
    std::size_t out = 0;
    for (const auto& each : heard(first))
      out += each["type"] == type ? 1 : 0;
    return out;
  }

  const std::uint32_t most_;
  client first;
  std::deque<client> others;
};

TEST(joins_told, up_to_a_number_of_members_and_again_below_four_fifths_of_it) {
  room_of_ten server;
  server.have(10);
  EXPECT_EQ(server.told("user_joined"), 9u);
  server.have(20);
  EXPECT_EQ(server.told("user_joined"), 0u);
  server.have(9);
  EXPECT_EQ(server.told("user_left"), 9u) << "those of whom it was told that they came";
  server.have(10);
  EXPECT_EQ(server.told("user_joined"), 0u) << "it is not small enough yet";
  server.have(7);
  server.told("user_left");
  server.have(8);
  EXPECT_EQ(server.told("user_joined"), 1u);
}

TEST(joins_told, who_was_announced_is_unannounced_whatever_the_size) {
  room_of_ten server;
  server.have(6);
  auto announced = server.others.back();
  server.others.pop_back();
  server.have(30);
  server.told("user_joined");
  announced->vanish();
  server.run();
  EXPECT_EQ(server.told("user_left"), 1u);
  server.others.back()->vanish();
  server.run();
  EXPECT_EQ(server.told("user_left"), 0u) << "nobody knew that it was there";
}

TEST(joins_told, another_name_is_told_of_who_was_announced) {
  room_of_ten server(2);
  server.have(3);
  server.told("user_joined");
  server.say(server.others[0], {{"type", "join"}, {"room", "r"}, {"user", "Zed"}});
  EXPECT_EQ(types(heard(server.first)), (list{"user_left", "user_joined"}));
  server.say(server.others[1], {{"type", "join"}, {"room", "r"}, {"user", "Max"}});
  EXPECT_TRUE(heard(server.first).empty());
}

TEST(joins_told, never_where_the_number_is_0) {
  room_of_ten server(0);
  server.have(3);
  server.have(1);
  EXPECT_TRUE(heard(server.first).empty());
}

TEST(joins_told, a_hundred_by_default) {
  staffed_server server;
  auto first = server.enter(nullptr, "r");
  std::vector<client> others;
  for (int i = 0; i < 120; ++i)
    others.push_back(server.enter(nullptr, "r"));
  EXPECT_EQ(heard(first).size(), 99u);
}

} // namespace
} // namespace troupe::test
