// The sockets of one loop that are in a state in which there may be only so many, by the address
// they come from, and which of them has to go when there are too many. Pure.
#pragma once

#include "troupe/runtime/share_table.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe {

class http_session;

class socket_shares {
public:
  /// Where a socket stands here; empty: it does not.
  class place {
  public:
    explicit operator bool() const { return in_; }

  private:
    friend class socket_shares;
    holder_id of_{};
    share_table<http_session*>::place at_{};
    bool in_ = false;
  };

  std::size_t size() const { return size_; }

  /// The last of those that come from `of`; `no_holder` has no bound of its own.
  void enter(place& where, http_session& who, holder_id of) {
    where.of_ = of;
    where.in_ = true;
    table_.take(of);
    where.at_ = table_.offer(of, &who);
    ++size_;
  }
  void leave(place& where) {
    if (!where.in_)
      return;
    where.in_ = false;
    table_.withdraw(where.of_, where.at_);
    table_.give_back(where.of_);
    --size_;
  }
  /// It is the last again.
  void touch(place& where) { table_.touch(where.of_, where.at_); }

  /// Who has to go because the one at `newest` has come whose address has used up its share, so
  /// many percent of `most`: another of that address, the first that `may_go`. Null: nobody.
  template <class MayGo>
  http_session* beyond_share(const place& newest, std::uint64_t most, std::uint32_t percent,
                             MayGo may_go) {
    if (newest.of_ == no_holder ||
        !share_used_up(table_.held(newest.of_) - 1, percent, size_ - 1, most))
      return nullptr;
    const auto other = [&](http_session* who) { return who != newest.at_->item && may_go(who); };
    std::size_t looks = looks_max;
    http_session** const found = table_.first_idle(newest.of_, other, looks);
    return found ? *found : nullptr;
  }

  /// Who has to go because there is one too many: of those that `may_go`, the first of the address
  /// that has most; of several that have as much, the one that has been here for longest. Never the
  /// one at `newest`, if it is here: nobody goes for itself. Null: nobody.
  template <class MayGo>
  http_session* beyond_all(const place& newest, MayGo may_go) {
    const auto other = [&](http_session* who) {
      return !(newest && who == newest.at_->item) && may_go(who);
    };
    http_session** const found = table_.first_of_most(other, looks_max);
    return found ? *found : nullptr;
  }

private:
  static constexpr std::size_t looks_max = 32;

  share_table<http_session*> table_;
  std::size_t size_ = 0;
};

} // namespace troupe
