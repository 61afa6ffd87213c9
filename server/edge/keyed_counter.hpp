// Counts sockets or connections by key (an address, a user), and keeps the budget of messages that
// all with the same key share; who comes when there are as many as there may be can take the place
// of one that is doubtful. Thread-safe: keys are spread over shards with a lock each. Used when
// a connection opens and closes.
#pragma once

#include "troupe/runtime/admission.hpp"
#include "troupe/runtime/gcra.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

template <class Key>
class keyed_counter {
public:
  using time_point = gcra::time_point;

  struct entry {
    std::uint32_t present = 0;
    std::uint32_t admissions = 0; // those who have lost their place, too
    shared_gcra budget;
    std::vector<user_place*> places{}; // of those present who have one
  };

  /// One that is counted, until this ends. An empty one counts nothing.
  class admission {
  public:
    admission() = default;
    admission(admission&& other) noexcept
      : of_(std::exchange(other.of_, nullptr)),
        at_(std::exchange(other.at_, nullptr)),
        place_(std::exchange(other.place_, nullptr)) {}
    admission& operator=(admission other) noexcept {
      std::swap(of_, other.of_);
      std::swap(at_, other.at_);
      std::swap(place_, other.place_);
      return *this;
    }
    ~admission() {
      if (of_)
        of_->leave(*at_, place_);
    }

    explicit operator bool() const { return of_ != nullptr; }
    /// Of all with the same key. Lives as long as this admission.
    shared_gcra* budget() const { return at_ ? &at_->second.budget : nullptr; }

  private:
    friend class keyed_counter;
    using node = std::pair<const Key, entry>;
    admission(keyed_counter& of, node& at, user_place* place) : of_(&of), at_(&at), place_(place) {}

    keyed_counter* of_ = nullptr;
    node* at_ = nullptr;
    user_place* place_ = nullptr;
  };

  /// Admits one more of `key`; nothing when there are `most` already (0: any number). With `place`,
  /// which outlives the admission, it may be one in the place of another, and may lose its own.
  std::optional<admission> enter(const Key& key, std::uint32_t most, time_point now,
                                 user_place* place = nullptr) {
    shard& here = shard_of(key);
    const std::lock_guard lock(here.mutex);
    auto found = here.entries.find(key);
    if (found == here.entries.end()) {
      sweep(here, now);
      found = here.entries.try_emplace(key).first;
    }
    entry& all = found->second;
    if (most > 0 && all.present >= most && !(place && all.present == most && replace_one(all)))
      return std::nullopt;
    ++all.present;
    ++all.admissions;
    if (place)
      all.places.push_back(place);
    return admission(*this, *found, place);
  }

  /// Keys that are remembered.
  std::size_t size() {
    std::size_t sum = 0;
    for (shard& each : shards_) {
      const std::lock_guard lock(each.mutex);
      sum += each.entries.size();
    }
    return sum;
  }

private:
  static constexpr std::size_t newcomers_min = 16;

  struct alignas(64) shard {
    std::mutex mutex;
    keyed_map<Key, entry> entries;
    std::size_t until_sweep = newcomers_min;
  };

  // Not by the bits that the table within the shard goes by.
  shard& shard_of(const Key& key) { return shards_[std::uint64_t{outside_hash{}(key)} >> 58]; }

  // The oldest that is doubtful is counted off.
  static bool replace_one(entry& all) {
    const auto doubtful =
      std::find_if(all.places.begin(), all.places.end(), [](auto* each) { return each->take(); });
    if (doubtful == all.places.end())
      return false;
    all.places.erase(doubtful);
    --all.present;
    return true;
  }

  void leave(std::pair<const Key, entry>& who, user_place* place) {
    shard& here = shard_of(who.first);
    const std::lock_guard lock(here.mutex);
    entry& all = who.second;
    if (!place || std::erase(all.places, place) > 0)
      --all.present;
    // A budget that is not whole outlives its user's last connection: else it would be had anew by
    // connecting again.
    if (--all.admissions == 0 && all.budget.full(std::chrono::steady_clock::now()))
      here.entries.erase(here.entries.find(who.first));
  }

  // Forgets whose budget has become whole since they left. Looks at all only when as many have come
  // as there were after the last time.
  static void sweep(shard& here, time_point now) {
    if (--here.until_sweep > 0)
      return;
    std::erase_if(here.entries, [now](const auto& each) {
      return each.second.admissions == 0 && each.second.budget.full(now);
    });
    here.until_sweep = std::max(newcomers_min, here.entries.size());
  }

  std::array<shard, 64> shards_;
};

} // namespace troupe
