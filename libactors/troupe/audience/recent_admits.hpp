// Whom the directory has handed on to a room or topic lately: when that fails, some of them have
// not been answered yet. Pure.
//
// Whoever waits gives up by itself after `answer_timeout`, so nobody is remembered for longer.
#pragma once

#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/wire/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace troupe {

class recent_admits {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct one {
    audience_id to{};
    std::uint64_t number = 0; ///< it was the so many-th to that audience
    connection_id connection;
    ticket asked = 0;
  };

  void add(const one& who, time_point now) {
    while (!list_.empty() && now - list_.front().at > answer_timeout)
      list_.pop_front();
    list_.push_back({now, who});
  }

  /// Calls `f(one)` for each that was handed on to `to` behind the first so many.
  template <class F>
  void for_each_behind(audience_id to, std::uint64_t answered, F f) const {
    for (const auto& each : list_)
      if (each.who.to == to && each.who.number > answered)
        f(each.who);
  }

  std::size_t size() const { return list_.size(); }

private:
  struct noted {
    time_point at;
    one who;
  };
  std::deque<noted> list_;
};

} // namespace troupe
