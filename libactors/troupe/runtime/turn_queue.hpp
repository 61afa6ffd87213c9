// A queue in which holders take turns: whoever has put much into it waits for it longer than who
// has put in little. Pure.
#pragma once

#include "troupe/wire/ids.hpp"

#include <deque>
#include <unordered_map>
#include <utility>

namespace troupe {

template <class Item>
class turn_queue {
public:
  bool empty() const { return order_.empty(); }

  void push(holder_id of, Item item) {
    auto& mine = items_[of];
    if (mine.empty())
      order_.push_back(of);
    mine.push_back(std::move(item));
  }

  /// The oldest of whoever's turn it is. There must be one.
  Item pop() {
    const holder_id of = order_.front();
    order_.pop_front();
    const auto found = items_.find(of);
    auto& mine = found->second;
    Item next = std::move(mine.front());
    mine.pop_front();
    if (mine.empty())
      items_.erase(found);
    else
      order_.push_back(of);
    return next;
  }

private:
  std::unordered_map<holder_id, std::deque<Item>> items_;
  std::deque<holder_id> order_; // who has some, each once
};

} // namespace troupe
