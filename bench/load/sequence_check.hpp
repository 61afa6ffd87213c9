// Whether each receiver got each publisher's messages once and in order. One number for every pair
// of receiver and publisher; only what goes wrong is remembered one by one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace troupe::bench {

class sequence_check {
public:
  // A receiver that joins in the middle: whatever comes first is right.
  static constexpr std::uint32_t from_anywhere = 0xffffffff;

  // `entry` stands for one pair of receiver and publisher.
  std::size_t add_entries(std::size_t count, std::uint32_t first_expected) {
    next_.resize(next_.size() + count, first_expected);
    return next_.size() - count;
  }

  void restart(std::size_t entry) { next_[entry] = from_anywhere; }

  // Takes note of one message. Returns how many messages it accounts for: 1, plus those it skipped
  // (which are missing from now on); 0 when it is a duplicate, or late and was already counted.
  std::uint32_t observe(std::size_t entry, std::uint32_t sequence) {
    auto& next = next_[entry];
    if (sequence == next) [[likely]] {
      ++next;
      return 1;
    }
    return irregular(entry, next, sequence);
  }

  std::uint64_t missing() const noexcept { return missing_count_; }
  std::uint64_t doubled() const noexcept { return doubled_; }
  std::uint64_t disordered() const noexcept { return disordered_; }

private:
  std::uint32_t irregular(std::size_t entry, std::uint32_t& next, std::uint32_t sequence) {
    if (next == from_anywhere) {
      next = sequence + 1;
      return 1;
    }
    if (sequence < next) {
      const auto found = missing_.find(entry);
      if (found != missing_.end() && found->second.erase(sequence) == 1) {
        ++disordered_;
        --missing_count_;
      } else {
        ++doubled_;
      }
      return 0;
    }
    const auto skipped = sequence - next;
    missing_count_ += skipped;
    // A hole beyond this size is a broken server; remembering each number would only break us too.
    for (auto lost = next; lost != sequence && lost - next < 65'536; ++lost)
      missing_[entry].insert(lost);
    next = sequence + 1;
    return skipped + 1;
  }

  std::vector<std::uint32_t> next_;
  std::map<std::size_t, std::set<std::uint32_t>> missing_;
  std::uint64_t missing_count_ = 0;
  std::uint64_t doubled_ = 0;
  std::uint64_t disordered_ = 0;
};

} // namespace troupe::bench
