#include "troupe/audience/child_counts.hpp"
#include "troupe/audience/subscribers.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace troupe {
namespace {

TEST(subscribers, random_changes_do_what_a_map_does) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 dice(seed);
    subscribers all;
    std::map<connection_id, ticket> simple;
    for (int step = 0; step < 500; ++step) {
      const auto who = connection_id::make(static_cast<std::uint32_t>(dice() % 3),
                                           static_cast<std::uint32_t>(dice() % 6), 1);
      const auto asked = static_cast<ticket>(dice() % 3);
      if (dice() % 2) {
        ASSERT_EQ(all.add(who, asked), !simple.contains(who));
        simple[who] = asked;
      } else {
        const bool there = simple.contains(who) && simple[who] == asked;
        ASSERT_EQ(all.remove(who, asked), there);
        if (there)
          simple.erase(who);
      }
      ASSERT_EQ(all.size(), simple.size());
    }
  }
}

TEST(child_counts, only_children_with_listeners_are_walked) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 dice(seed);
    child_counts counts;
    std::map<std::uint32_t, int> simple;
    for (int step = 0; step < 300; ++step) {
      const auto child = static_cast<std::uint32_t>(dice() % 6);
      if (dice() % 2) {
        counts.add(child);
        ++simple[child];
      } else if (simple.contains(child)) {
        counts.remove(child);
        if (--simple[child] == 0)
          simple.erase(child);
      }
      std::vector<std::uint32_t> walked, expected;
      counts.for_each([&](std::uint32_t each) { walked.push_back(each); });
      std::size_t total = 0;
      for (const auto& [each, count] : simple) {
        expected.push_back(each);
        total += static_cast<std::size_t>(count);
      }
      ASSERT_EQ(walked, expected);
      ASSERT_EQ(counts.total(), total);
    }
  }
}

} // namespace
} // namespace troupe
