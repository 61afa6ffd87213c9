// Lines that anybody outside can cause as often as they like: the first few are written, the others
// counted and told as a sum. So a flood of refusals takes neither the log nor the processor. Pure;
// one thread, or a lock.
#pragma once

#include "server/settings/log_config.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe {

struct line_kind {
  std::string message;
  log_level level = log_level::info;
  bool audit = false;

  auto operator<=>(const line_kind&) const = default;
};

class repeated_lines {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds window{10};
  /// Of one kind, within that time.
  static constexpr std::uint32_t told_max = 10;
  /// Kinds come from the code. Were they ever more, the rest would count as one.
  static constexpr std::size_t kinds_max = 64;

  /// Whether one more line of this kind is to be written; if not, it is counted.
  bool tell(const line_kind& kind, time_point now);

  struct sum {
    line_kind kind;
    std::uint64_t more = 0;
  };
  /// What was counted until `now` in windows that are over; it is told once.
  std::vector<sum> take_due(time_point now);
  /// When there is more to take; `time_point::max()`: never, unless something is told.
  time_point next_due() const;

private:
  struct counted {
    time_point until;
    std::uint32_t told = 0;
    std::uint64_t more = 0;
  };

  std::map<line_kind, counted> kinds_;
};

} // namespace troupe
