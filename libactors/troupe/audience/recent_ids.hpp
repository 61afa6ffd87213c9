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
  /// Remembers at most `most`; the oldest is forgotten first.
  explicit recent_ids(std::size_t most) : most_(most) {}

  /// The offset of the message with this id, or null.
  const std::uint64_t* find(const std::string& id) const {
    const auto place = offsets_.find(id);
    return place == offsets_.end() ? nullptr : &place->second;
  }

  void remember(std::string id, std::uint64_t offset) {
    if (most_ == 0 || offsets_.contains(id))
      return;
    if (order_.size() == most_) {
      offsets_.erase(order_.front());
      order_.pop_front();
    }
    offsets_[id] = offset;
    order_.push_back(std::move(id));
  }

private:
  const std::size_t most_;
  keyed_map<std::string, std::uint64_t> offsets_;
  std::deque<std::string> order_;
};

} // namespace troupe
