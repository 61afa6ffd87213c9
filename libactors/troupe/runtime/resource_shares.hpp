// What there is for all clients of one kind of thing (rooms, topics, calls of services), and what
// of it is whose: each is charged to the connection that asked for it, to that one's user and to
// its address, until it ends. What no connection asked for is the server's own, who has no share,
// but yields what lies idle like everybody. share_table.hpp has the rule. Pure; belongs to one
// actor.
#pragma once

#include "troupe/runtime/share_table.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/limits.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// On whose account there is one more; without a connection, the server's own.
struct claimant {
  connection_id connection;
  holders on{};
};

/// An `Item` is what can be given up while it lies idle.
template <class Item>
class resource_shares {
  static constexpr std::array<std::string_view, 3> level_names{"connection", "user", "address"};
  static constexpr std::size_t of_address = 2;
  using place = typename share_table<Item>::place;

public:
  /// What is noted of one of them; empty: it is charged to nobody.
  class charge {
    friend class resource_shares;
    std::array<holder_id, level_names.size()> to{};
    std::array<place, level_names.size()> places{};
    bool offered = false;
  };

  /// What becomes of one more: it is refused, or granted when `yields` has ended, or
  /// simply granted.
  struct verdict {
    std::optional<error> refused{};
    const Item* yields = nullptr;
    bool by_share = false; ///< and not because all is taken
  };

  /// `what` they are, for the error: "rooms".
  explicit resource_shares(std::string_view what) : what_(what) {}

  /// Whether there may be one more where `taken` of `most` are. After something has yielded, ask
  /// again.
  verdict ask(const claimant& who, std::uint64_t taken, std::uint64_t most, const limits& bounds) {
    const auto to = holders_of(who);
    const std::array<std::uint32_t, level_names.size()> percents{
      bounds.connection_share, bounds.user_share, bounds.address_share};
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i] == no_holder || to[i] == the_server ||
          !share_used_up(tables_[i].held(to[i]), percents[i], taken, most))
        continue;
      if (const Item* const own = tables_[i].first_idle(to[i]))
        return {.yields = own, .by_share = true};
      return {.refused =
                taken < most ? used_up(level_names[i], share_of(most, percents[i])) : too_many(),
              .by_share = true};
    }
    if (taken < most)
      return {};
    if (const Item* const other = tables_[of_address].first_of_most())
      return {.yields = other};
    return {.refused = too_many()};
  }

  /// What is charged to this connection.
  std::uint32_t held_by(connection_id connection) const {
    return tables_.front().held(holder_id{connection.value});
  }

  charge take(const claimant& who) {
    charge made;
    made.to = holders_of(who);
    for_each_level(made, [&](std::size_t i) { tables_[i].take(made.to[i]); });
    return made;
  }

  /// It takes so much more, or less, of what there is: where things are of different sizes.
  void change(const charge& of, std::int64_t by) {
    for_each_level(of, [&](std::size_t i) {
      if (by > 0)
        tables_[i].take(of.to[i], static_cast<std::uint32_t>(by));
      else if (by < 0)
        tables_[i].give_back(of.to[i], static_cast<std::uint32_t>(-by));
    });
  }

  /// As much as `take` took: what it has changed by is to be 0.
  void give_back(charge& of) {
    withdraw(of);
    for_each_level(of, [&](std::size_t i) { tables_[i].give_back(of.to[i]); });
    of = {};
  }

  /// It lies idle, and may be given up when a place is needed. Again: the same as `touch`.
  void offer(charge& of, const Item& item) {
    touch(of);
    if (!std::exchange(of.offered, true))
      for_each_level(of, [&](std::size_t i) { of.places[i] = tables_[i].offer(of.to[i], item); });
  }
  /// If it lies idle, it has been used in passing.
  void touch(charge& of) {
    if (of.offered)
      for_each_level(of, [&](std::size_t i) { tables_[i].touch(of.to[i], of.places[i]); });
  }
  /// It is used.
  void withdraw(charge& of) {
    if (std::exchange(of.offered, false))
      for_each_level(of, [&](std::size_t i) { tables_[i].withdraw(of.to[i], of.places[i]); });
  }

private:
  // No hash of an address: those are as good as random.
  static constexpr holder_id the_server{~std::uint64_t{0}};

  // A connection whose address is not known is an address of its own.
  static std::array<holder_id, level_names.size()> holders_of(const claimant& who) {
    if (who.connection == no_connection)
      return {no_holder, no_holder, the_server};
    const holder_id own{who.connection.value};
    return {own, who.on.user, who.on.address == no_holder ? own : who.on.address};
  }

  template <class F>
  static void for_each_level(const charge& of, F f) {
    for (std::size_t i = 0; i < of.to.size(); ++i)
      if (of.to[i] != no_holder)
        f(i);
  }

  error too_many() const { return {errc::limit_exceeded, "Too many " + std::string(what_)}; }
  error used_up(std::string_view level, std::uint64_t share) const {
    const std::string whose(level);
    return {errc::limit_exceeded, "Your " + whose + " has its share of the " + std::string(what_) +
                                    ": " + std::to_string(share) + " (limits." + whose + "_share)"};
  }

  const std::string_view what_;
  std::array<share_table<Item>, level_names.size()> tables_;
};

} // namespace troupe
