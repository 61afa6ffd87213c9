// Counters and histograms: where each number goes.
#include "troupe/runtime/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr auto& bounds = duration_histogram::bounds;

std::uint64_t observed(const duration_histogram& h) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i)
    all += h.bucket(i);
  return all;
}

TEST(metrics, bounds_of_a_histogram_grow) {
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
  EXPECT_EQ(std::adjacent_find(bounds.begin(), bounds.end()), bounds.end());
}

TEST(metrics, a_duration_belongs_to_the_first_bucket_that_is_not_below_it) {
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    duration_histogram h;
    h.observe(std::chrono::nanoseconds{bounds[i]});
    EXPECT_EQ(h.bucket(i), 1u) << i;
    h.observe(std::chrono::nanoseconds{bounds[i] + 1});
    EXPECT_EQ(h.bucket(i + 1), 1u) << i;
    EXPECT_EQ(observed(h), 2u);
    EXPECT_EQ(h.sum_nanoseconds(), 2 * static_cast<std::uint64_t>(bounds[i]) + 1);
  }
}

TEST(metrics, a_clock_that_seems_to_run_backwards_counts_as_no_time) {
  duration_histogram h;
  h.observe(-5ms);
  EXPECT_EQ(h.bucket(0), 1u);
  EXPECT_EQ(h.sum_nanoseconds(), 0u);
}

TEST(metrics, every_close_code_has_a_counter_of_its_own) {
  for (std::size_t i = 0; i < close_codes.size(); ++i) {
    loop_metrics loop;
    loop.closed(close_codes[i]);
    for (std::size_t j = 0; j <= close_codes.size(); ++j)
      EXPECT_EQ(loop.closes(j), i == j ? 1u : 0u) << i << " " << j;
  }
  loop_metrics loop;
  loop.closed(close_code{4999});
  EXPECT_EQ(loop.closes(close_codes.size()), 1u);
}

TEST(metrics, statuses_that_are_not_listed_count_as_other) {
  loop_metrics loop;
  for (const auto status : {200u, 503u, 418u, 0u})
    loop.answered(status);
  const auto place = [](unsigned status) {
    return static_cast<std::size_t>(std::ranges::find(http_statuses, status) -
                                    http_statuses.begin());
  };
  EXPECT_EQ(loop.answers(place(200)), 1u);
  EXPECT_EQ(loop.answers(place(503)), 1u);
  EXPECT_EQ(loop.answers(http_statuses.size() - 1), 2u);
}

TEST(metrics, counters_of_errors_stand_where_their_codes_say) {
  counters<errc, error_codes.size()> errors;
  for (std::size_t i = 0; i < error_codes.size(); ++i)
    errors.add(error_codes[i], i + 1);
  for (std::size_t i = 0; i < error_codes.size(); ++i)
    EXPECT_EQ(errors.value(i), i + 1);
}

TEST(metrics, a_loop_keeps_its_place_when_others_are_added) {
  core_metrics all;
  auto& first = all.of_loop(0);
  first.bytes_in.add(7);
  all.of_loop(5).bytes_in.add(1);
  EXPECT_EQ(all.loops().size(), 6u);
  EXPECT_EQ(&all.of_loop(0), &first);
  EXPECT_EQ(all.loops().front().bytes_in.value(), 7u);
}

TEST(metrics, a_reader_on_another_thread_sees_a_counter_only_grow) {
  constexpr std::uint64_t last = 200'000;
  counter c;
  std::uint64_t seen = 0;
  bool shrank = false;
  std::jthread writer([&] {
    for (std::uint64_t i = 0; i < last; ++i)
      c.add();
  });
  while (seen < last) {
    const auto now = c.value();
    shrank |= now < seen;
    seen = now;
  }
  EXPECT_FALSE(shrank);
}

TEST(metrics, a_shared_counter_loses_nothing) {
  shared_counter c;
  {
    std::jthread one([&] {
      for (int i = 0; i < 50'000; ++i)
        c.add();
    });
    for (int i = 0; i < 50'000; ++i)
      c.add(2);
  }
  EXPECT_EQ(c.value(), 150'000u);
}

} // namespace
} // namespace troupe
