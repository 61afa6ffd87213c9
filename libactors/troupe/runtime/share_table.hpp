// Who holds how much of something that there is only so much of, and who has to yield first. Pure.
//
// The rule, the same for everything that is shared: while no more than half is taken, anybody may
// take any of it. Beyond that, who has used up a share gets more only for what lies idle of its
// own. When all is taken, whoever holds most of those who have something idle yields it; of several
// who hold as much, the one whose has lain idle for longest. So among holders of one item each, a
// newcomer is the last to lose it, whatever its id is.
//
// A holder is in the table while it holds anything, so the bound of what is shared bounds the
// table: about 150 bytes a holder, and 48 for each item that lies idle.
#pragma once

#include "troupe/wire/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace troupe {

/// How many of `most` one may hold whose share is so many percent: one at least.
constexpr std::uint64_t share_of(std::uint64_t most, std::uint32_t percent) {
  const auto part = most * percent / 100;
  return part > 0 ? part : 1;
}

/// Whether `held` is all that one may hold, when so many of `most` are taken.
constexpr bool share_used_up(std::uint64_t held, std::uint32_t percent, std::uint64_t taken,
                             std::uint64_t most) {
  return taken * 2 > most && held >= share_of(most, percent);
}

/// An `Item` is what can be taken away while it lies idle: a pointer, say.
template <class Item>
class share_table {
  struct idle_item {
    Item item;
    std::uint64_t since; // counts what has become idle
  };

public:
  /// Where an idle item stands, for as long as it does.
  using place = typename std::list<idle_item>::iterator;

  /// `who` holds so many more.
  void take(holder_id who, std::uint32_t count = 1) {
    holding& of = holders_[who];
    change(of, who, [&] { of.held += count; });
  }

  /// `who` holds so many less; of all that it has, nothing may lie idle any more.
  void give_back(holder_id who, std::uint32_t count = 1) {
    const auto found = holders_.find(who);
    change(found->second, who, [&] { found->second.held -= count; });
    if (found->second.held == 0)
      holders_.erase(found);
  }

  std::uint32_t held(holder_id who) const {
    const auto found = holders_.find(who);
    return found == holders_.end() ? 0 : found->second.held;
  }
  /// How many hold anything.
  std::size_t holders() const { return holders_.size(); }

  /// An item of `who` lies idle, from now on.
  place offer(holder_id who, Item item) {
    holding& of = holders_.at(who);
    change(of, who, [&] { of.idle.push_back({std::move(item), ++idled_}); });
    return std::prev(of.idle.end());
  }
  /// It is used again.
  void withdraw(holder_id who, place at) {
    holding& of = holders_.at(who);
    change(of, who, [&] { of.idle.erase(at); });
  }
  /// It has been used in passing: all others have lain idle for longer.
  void touch(holder_id who, place at) {
    holding& of = holders_.at(who);
    change(of, who, [&] {
      at->since = ++idled_;
      of.idle.splice(of.idle.end(), of.idle, at);
    });
  }

  /// What `who` yields: what has lain idle for longest of those that `may_go`, or null.
  template <class MayGo>
  Item* first_idle(holder_id who, MayGo may_go, std::size_t& looks) {
    const auto found = holders_.find(who);
    if (found == holders_.end())
      return nullptr;
    auto& idle = found->second.idle;
    for (auto each = idle.begin(); each != idle.end() && looks > 0; ++each, --looks)
      if (may_go(each->item))
        return &each->item;
    return nullptr;
  }
  Item* first_idle(holder_id who) {
    std::size_t one = 1;
    return first_idle(
      who, [](const Item&) { return true; }, one);
  }

  /// The same of whoever holds most, of the next one if nothing of that may go, and so on; at most
  /// `looks` at items.
  template <class MayGo>
  Item* first_of_most(MayGo may_go, std::size_t looks) {
    for (auto each = order_.begin(); each != order_.end() && looks > 0; ++each)
      if (Item* const found = first_idle(std::get<holder_id>(*each), may_go, looks))
        return found;
    return nullptr;
  }
  Item* first_of_most() {
    return first_of_most([](const Item&) { return true; }, 1);
  }

private:
  struct holding {
    std::uint32_t held = 0;
    std::list<idle_item> idle; // who has been so for longest, first
  };

  // Who has something idle, in the order in which they yield: most held, and idle for longest.
  using rank = std::tuple<std::uint32_t, std::uint64_t, holder_id>;
  static rank rank_of(const holding& of, holder_id who) {
    return {~of.held, of.idle.front().since, who};
  }

  // Does what may change the place of `who` in the order.
  template <class F>
  void change(const holding& of, holder_id who, F what) {
    auto entry =
      of.idle.empty() ? typename decltype(order_)::node_type{} : order_.extract(rank_of(of, who));
    what();
    if (of.idle.empty())
      return;
    if (entry) {
      entry.value() = rank_of(of, who);
      order_.insert(std::move(entry));
    } else {
      order_.insert(rank_of(of, who));
    }
  }

  std::unordered_map<holder_id, holding> holders_;
  std::set<rank> order_;
  std::uint64_t idled_ = 0;
};

} // namespace troupe
