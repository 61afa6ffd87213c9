// Who holds how much of something that there is only so much of, and who has to yield first. Pure.
//
// The rule, the same for everything that is shared: while no more than half is taken, anybody may
// take any of it. Beyond that, who has used up a share gets more only for what lies idle of its
// own. When all is taken, whoever holds most of those who have something idle yields it.
//
// A holder is in the table while it holds anything, so the bound of what is shared bounds the
// table: about 150 bytes a holder, and 40 for each item that lies idle.
#pragma once

#include "troupe/wire/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <set>
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
public:
  /// Where an idle item stands, for as long as it does.
  using place = typename std::list<Item>::iterator;

  /// `who` holds one more.
  void take(holder_id who) { recount(holders_[who], who, 1); }

  /// `who` holds one less; the item must not lie idle any more.
  void give_back(holder_id who) {
    const auto found = holders_.find(who);
    recount(found->second, who, -1);
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
    if (of.idle.empty())
      order_.emplace(of.held, who);
    return of.idle.insert(of.idle.end(), std::move(item));
  }
  /// It is used again.
  void withdraw(holder_id who, place at) {
    holding& of = holders_.at(who);
    of.idle.erase(at);
    if (of.idle.empty())
      order_.erase({of.held, who});
  }
  /// It has been used in passing: the others of `who` have lain idle for longer.
  void touch(holder_id who, place at) {
    auto& idle = holders_.at(who).idle;
    idle.splice(idle.end(), idle, at);
  }

  /// What `who` yields: what has lain idle for longest of those that `may_go`, or null.
  template <class MayGo>
  Item* first_idle(holder_id who, MayGo may_go, std::size_t& looks) {
    const auto found = holders_.find(who);
    if (found == holders_.end())
      return nullptr;
    auto& idle = found->second.idle;
    for (auto each = idle.begin(); each != idle.end() && looks > 0; ++each, --looks)
      if (may_go(*each))
        return &*each;
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
    for (auto each = order_.rbegin(); each != order_.rend() && looks > 0; ++each)
      if (Item* const found = first_idle(each->second, may_go, looks))
        return found;
    return nullptr;
  }
  Item* first_of_most() {
    return first_of_most([](const Item&) { return true; }, 1);
  }

private:
  struct holding {
    std::uint32_t held = 0;
    std::list<Item> idle; // who has been so for longest, first
  };

  void recount(holding& of, holder_id who, int by) {
    if (!of.idle.empty())
      order_.erase({of.held, who});
    of.held += static_cast<std::uint32_t>(by);
    if (!of.idle.empty())
      order_.emplace(of.held, who);
  }

  std::unordered_map<holder_id, holding> holders_;
  std::set<std::pair<std::uint32_t, holder_id>> order_; // those who have something idle
};

} // namespace troupe
