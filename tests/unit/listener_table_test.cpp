#include "troupe/delivery/listener_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

namespace troupe {
namespace {

struct plain_listener : audience_listener {};

constexpr std::size_t listener_count = 7;
constexpr std::uint64_t audience_count = 6;

audience_kind kind_of(audience_id id) {
  return static_cast<std::uint64_t>(id) % 2 ? audience_kind::room : audience_kind::topic;
}

// A room and a topic share each name.
std::string name_of(audience_id id) {
  return "n" + std::to_string(static_cast<std::uint64_t>(id) / 2);
}

void describe(audience& fresh) {
  fresh.kind = kind_of(fresh.id);
  fresh.name = name_of(fresh.id);
}

/// The table, and the same as two maps.
struct both {
  listener_table table;
  std::array<plain_listener, listener_count> listeners;
  std::map<audience_id, std::set<audience_listener*>> by_audience;
  // In the order in which it came to them.
  std::map<audience_listener*, std::vector<audience_id>> by_listener;
  std::map<std::pair<audience_listener*, audience_id>, ticket> tickets; // of the last enrolment
  std::set<std::pair<audience_listener*, audience_id>> following;

  void enroll(audience_listener& who, audience_id id, ticket asked) {
    tickets[{&who, id}] = asked;
    bool described = false;
    const bool added = table.enroll(who, id, asked, [&](audience& fresh) {
      described = true;
      describe(fresh);
    });
    EXPECT_EQ(described, !by_audience.contains(id));
    EXPECT_EQ(added, by_audience[id].insert(&who).second);
    if (added)
      by_listener[&who].push_back(id);
  }

  void leave(audience_listener& who, audience_id id) {
    const auto had = table.leave(who, id);
    ASSERT_EQ(had.has_value(), forget(who, id));
    if (!had)
      return;
    EXPECT_EQ(had->kind, kind_of(id));
    EXPECT_EQ(had->name, name_of(id));
    const ticket asked = tickets[{&who, id}];
    EXPECT_EQ(had->asked, asked);
  }

  void dissolve(audience_id id) {
    const auto lost = table.dissolve(id);
    const auto expected = by_audience[id];
    EXPECT_EQ(lost.size(), expected.size());
    EXPECT_EQ(std::set(lost.begin(), lost.end()), expected);
    by_audience.erase(id);
    for (audience_listener* const each : expected) {
      std::erase(by_listener[each], id);
      following.erase({each, id});
    }
  }

  void follow(audience_listener& who, audience_id id, bool does) {
    listener_table::follow(who, id, does);
    if (does && who.listens_to(id))
      following.insert({&who, id});
    else
      following.erase({&who, id});
  }

  bool forget(audience_listener& who, audience_id id) {
    following.erase({&who, id});
    const bool there = by_audience.contains(id) && by_audience[id].erase(&who) > 0;
    std::erase(by_listener[&who], id);
    if (by_audience.contains(id) && by_audience[id].empty())
      by_audience.erase(id);
    return there;
  }

  void check() {
    std::erase_if(by_audience, [](const auto& each) { return each.second.empty(); });
    ASSERT_EQ(table.size(), by_audience.size());
    for (std::uint64_t number = 0; number < audience_count; ++number)
      check_audience(audience_id{number});
    for (auto& each : listeners)
      check_listener(each);
  }

  void check_audience(audience_id id) {
    const audience* const found = table.find(id);
    ASSERT_EQ(found != nullptr, by_audience.contains(id));
    ASSERT_EQ(table.listeners_of(id), found ? by_audience[id].size() : 0);
    if (!found)
      return;
    ASSERT_EQ(found->id, id);
    ASSERT_EQ(found->name, name_of(id));
    const auto& walked = found->listeners();
    ASSERT_EQ(walked.size(), by_audience[id].size());
    ASSERT_EQ(std::set(walked.begin(), walked.end()), by_audience[id]);
    std::set<std::pair<audience_listener*, audience_id>> told;
    for (audience_listener* const each : found->followers())
      ASSERT_TRUE(told.insert({each, id}).second);
    for (audience_listener* const each : by_audience[id])
      ASSERT_EQ(told.contains({each, id}), following.contains({each, id}));
  }

  void check_listener(audience_listener& who) {
    const auto& expected = by_listener[&who];
    ASSERT_EQ(who.audience_count(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(who.audience_at(i).id, expected[i]);
    for (const auto kind : {audience_kind::room, audience_kind::topic})
      ASSERT_EQ(who.audience_count(kind),
                static_cast<std::size_t>(
                  std::count_if(expected.begin(), expected.end(),
                                [kind](audience_id id) { return kind_of(id) == kind; })));
    for (std::uint64_t number = 0; number < audience_count; ++number) {
      const audience_id id{number};
      const bool there = std::find(expected.begin(), expected.end(), id) != expected.end();
      ASSERT_EQ(who.listens_to(id), there);
      const audience* const found = who.find_audience(kind_of(id), name_of(id));
      ASSERT_EQ(found, there ? table.find(id) : nullptr);
    }
  }
};

TEST(listener_table, random_changes_do_what_two_maps_do) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 rng(seed);
    both all;
    for (int step = 0; step < 400; ++step) {
      auto& who = all.listeners[rng() % listener_count];
      const audience_id id{rng() % audience_count};
      switch (rng() % 10) {
      case 0:
        all.dissolve(id);
        break;
      case 8:
      case 9:
        all.follow(who, id, rng() % 3 > 0);
        break;
      case 1:
      case 2:
      case 3:
        all.leave(who, id);
        break;
      default:
        all.enroll(who, id, static_cast<ticket>(step));
      }
      all.check();
      ASSERT_FALSE(testing::Test::HasFailure()) << "step " << step;
    }
  }
}

TEST(listener_table, who_leaves_is_replaced_by_the_last) {
  listener_table table;
  std::array<plain_listener, 4> listeners;
  for (auto& each : listeners)
    table.enroll(each, audience_id{1}, 1, describe);
  table.leave(listeners[1], audience_id{1});
  const auto& walked = table.find(audience_id{1})->listeners();
  EXPECT_EQ(walked, (std::vector<audience_listener*>{&listeners[0], &listeners[3], &listeners[2]}));
  table.leave(listeners[3], audience_id{1});
  EXPECT_EQ(walked, (std::vector<audience_listener*>{&listeners[0], &listeners[2]}));
}

TEST(listener_table, the_last_to_leave_takes_the_audience_along) {
  listener_table table;
  plain_listener who;
  table.enroll(who, audience_id{1}, 1, [](audience& fresh) { fresh.at.offset = 7; });
  EXPECT_TRUE(table.leave(who, audience_id{1}));
  EXPECT_EQ(table.find(audience_id{1}), nullptr);
  EXPECT_FALSE(table.leave(who, audience_id{1}));
  table.enroll(who, audience_id{1}, 2, [](audience& fresh) { EXPECT_EQ(fresh.at.offset, 0u); });
  table.leave(who, audience_id{1});
}

} // namespace
} // namespace troupe
