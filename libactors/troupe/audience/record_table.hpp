// The records of one loop's rooms and topics, open and left behind, within the bound of bytes that
// all loops share. Belongs to its loop's archive.
//
// A record without an actor goes when what it has has aged. If the bytes of all are too many,
// whoever holds most yields: of the connections, users and addresses for whom the names were made
// (share_table.hpp has the rule), the one that has not been used for longest. A record that is open
// loses what it keeps, but not its position. Bytes are charged in blocks, so that most messages
// change no account.
#pragma once

#include "troupe/audience/name_record.hpp"
#include "troupe/runtime/event_loop.hpp"
#include "troupe/wire/keyed_map.hpp"
#include "troupe/wire/limits.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class record_table : private timer_wheel::deadline {
public:
  /// `total` counts the bytes of all `loops` tables; it and `rules` live longer.
  record_table(event_loop& loop, std::atomic<std::uint64_t>& total, std::size_t loops,
               const seam_rules& rules = all_seam_rules);
  ~record_table() override;

  /// The record of a name whose actor begins: as it was left, or new with this epoch, on account of
  /// `made_for`. Stays until `close` or `forget`. While another actor still has it, there is a new
  /// one, for that other may still number what is said.
  name_record& open(audience_kind kind, const std::string& name, const std::string& epoch,
                    const claimant& made_for, const limits& bounds);
  /// Its actor has ended, and it is kept until it has aged.
  void close(name_record& record);
  /// It is no more.
  void forget(name_record& record);
  name_record* find(audience_kind kind, std::string_view name);

  /// Keeps what got this offset, as far as `record.keeps` and `bounds`, which live longer, allow.
  /// Nobody gets it from `until` on.
  void keep(name_record& record, std::uint64_t offset, event_ptr what, const limits& bounds,
            kept_event::time_point until = kept_event::time_point::max());
  void remember(name_record& record, std::string msg_id, recent_ids::place got,
                const limits& bounds);
  void remember(name_record& record, std::string_view json, const limits& bounds);
  /// Something of it has been deleted.
  void deleted(name_record& record) { account(record); }

  std::size_t size() const {
    return of(audience_kind::room).size() + of(audience_kind::topic).size();
  }
  /// Of this table alone, in whole blocks.
  std::size_t bytes() const { return blocks_ * block; }

private:
  friend class name_record;
  using table = keyed_map<std::string, std::unique_ptr<name_record>>;

  static constexpr std::size_t block = 4096;
  static constexpr std::chrono::seconds pause{1}; // between two looks at what all hold

  const table& of(audience_kind kind) const { return tables_[kind == audience_kind::room ? 0 : 1]; }
  table& of(audience_kind kind) { return tables_[kind == audience_kind::room ? 0 : 1]; }

  void age(name_record& record, timer_wheel::time_point now);
  void on_deadline(timer_wheel::time_point now) override;
  bool account(name_record& record);
  void look_after(const claimant& for_whom, const limits& bounds);
  void grown(name_record& record, const limits& bounds);
  void make_room(const claimant& for_whom, std::size_t at_once);
  void yield(name_record& record);

  event_loop& loop_;
  std::atomic<std::uint64_t>& total_;
  const std::size_t loops_;
  const seam_rules& rules_;
  std::array<table, 2> tables_;                        // by kind
  std::vector<std::unique_ptr<name_record>> replaced_; // whose actors have not ended yet
  name_record::shares shares_{"bytes of history"};
  std::size_t blocks_ = 0;
  const limits* bounds_ = nullptr; // as they were last given
};

} // namespace troupe
