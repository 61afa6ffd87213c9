// What do finding a member of a room and one leaving and coming cost, among 10 members and among
// 10,000?
#include "per_item.hpp"
#include "troupe/roster.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

namespace troupe {
namespace {

constexpr std::uint32_t loops = 2;

connection_id id_of(std::uint32_t i) {
  return connection_id::make(i % loops, i / loops, 1);
}

roster roster_of(std::uint32_t count) {
  roster members;
  for (std::uint32_t i = 0; i < count; ++i)
    members.add({id_of(i), "somebody"});
  return members;
}

// All members, in an order that no cache expects.
std::vector<connection_id> shuffled_ids(std::uint32_t count) {
  std::vector<connection_id> ids;
  for (std::uint32_t i = 0; i < count; ++i)
    ids.push_back(id_of(i));
  std::shuffle(ids.begin(), ids.end(), std::mt19937{1});
  return ids;
}

void find(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  const roster members = roster_of(count);
  const auto ids = shuffled_ids(count);
  for (auto _ : state)
    for (const auto id : ids)
      benchmark::DoNotOptimize(members.find(id));
  micro::report_per_item(state, "per_find", count);
}
BENCHMARK(find)->Arg(10)->Arg(10'000);

void remove_and_add(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  roster members = roster_of(count);
  const auto ids = shuffled_ids(count);
  member who;
  for (auto _ : state)
    for (const auto id : ids) {
      members.remove(id, 0, who);
      members.add(std::move(who));
    }
  if (members.size() != count)
    state.SkipWithError("a member is missing");
  micro::report_per_item(state, "per_pair", count);
}
BENCHMARK(remove_and_add)->Arg(10)->Arg(10'000);

// A whole room comes and goes: the table grows on the way.
void fill_and_empty(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  const auto ids = shuffled_ids(count);
  member who;
  for (auto _ : state) {
    roster members;
    for (const auto id : ids)
      members.add({id, "somebody"});
    for (const auto id : ids)
      members.remove(id, 0, who);
    benchmark::DoNotOptimize(members);
  }
  micro::report_per_item(state, "per_member", count);
}
BENCHMARK(fill_and_empty)->Arg(10)->Arg(10'000);

} // namespace
} // namespace troupe
