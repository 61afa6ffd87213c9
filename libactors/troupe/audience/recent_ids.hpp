// The `msg_id`s a room or topic has seen lately, with the place each message got: a repeated one is
// recognised and answered, not said again. Pure.
//
// What is kept is each id as its sender's own (wire/msg_id.hpp).
#pragma once

#include "troupe/wire/keyed_map.hpp"

#include <cstdint>
#include <deque>
#include <string>

namespace troupe {

class recent_ids {
public:
  /// What its message got.
  struct place {
    std::uint64_t offset = 0;
    std::uint64_t listeners = 0; ///< how many there were then
  };

  /// Remembers at most `most`; the oldest is forgotten first.
  explicit recent_ids(std::size_t most) : most_(most) {}

  /// That of the message with this id, or null.
  const place* find(const std::string& id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? nullptr : &found->second;
  }

  void remember(std::string id, place got) {
    if (most_ == 0 || places_.contains(id))
      return;
    if (order_.size() == most_) {
      places_.erase(order_.front());
      order_.pop_front();
    }
    places_[id] = got;
    order_.push_back(std::move(id));
  }

private:
  const std::size_t most_;
  keyed_map<std::string, place> places_;
  std::deque<std::string> order_;
};

} // namespace troupe
