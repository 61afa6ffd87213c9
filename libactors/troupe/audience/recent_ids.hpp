// The `msg_id`s a room or topic has seen lately, with the place each message got: a repeated one is
// recognised and answered, not said again. Pure; belongs to the record of the name.
//
// What is kept is each id as its sender's own (wire/msg_id.hpp), for `window`.
#pragma once

#include "troupe/wire/keyed_map.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace troupe {

class recent_ids {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How long a retry is recognised.
  static constexpr std::chrono::minutes window{2};
  /// What one takes besides its text, about.
  static constexpr std::size_t bytes_each = 160;

  /// The offset of a message that has none.
  static constexpr std::uint64_t unplaced = 0;

  /// What its message got.
  struct place {
    std::uint64_t offset = 0;
    std::uint64_t listeners = 0; ///< how many there were then
    std::uint64_t said = 0; ///< tells what was said from other things (msg_id.hpp); 0: nobody asks

    /// Whether something else was said with this id. Who gives 0 does not ask.
    bool is_of_another(std::uint64_t what) const { return said != 0 && what != 0 && said != what; }
  };

  /// That of the message with this id, or null.
  const place* find(const std::string& id, time_point now) const {
    const auto found = places_.find(id);
    return found == places_.end() || found->second.at + window <= now ? nullptr
                                                                      : &found->second.got;
  }

  /// Remembers one, and at most `most`; the oldest is forgotten first.
  void remember(std::string id, place got, std::size_t most, time_point now) {
    forget_old(now);
    if (most == 0 || places_.contains(id))
      return;
    while (order_.size() >= most)
      forget_first();
    bytes_ += bytes_of(id);
    places_.emplace(id, kept{got, now});
    order_.push_back(std::move(id));
  }

  void forget_old(time_point now) {
    while (!order_.empty() && places_.at(order_.front()).at + window <= now)
      forget_first();
  }
  void forget_all() {
    while (!order_.empty())
      forget_first();
  }

  /// When the oldest of them came, or nothing.
  std::optional<time_point> oldest() const {
    if (order_.empty())
      return std::nullopt;
    return places_.at(order_.front()).at;
  }
  std::size_t bytes() const { return bytes_; }

private:
  struct kept {
    place got;
    time_point at;
  };

  static std::size_t bytes_of(const std::string& id) { return bytes_each + 2 * id.size(); }
  void forget_first() {
    bytes_ -= bytes_of(order_.front());
    places_.erase(order_.front());
    order_.pop_front();
  }

  keyed_map<std::string, kept> places_;
  std::deque<std::string> order_;
  std::size_t bytes_ = 0;
};

} // namespace troupe
