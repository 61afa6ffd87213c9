// What a room or topic leaves behind when its actor goes, and finds again when it comes back: where
// it stands, what was last said, which `msg_id`s it has seen, what a room's logic remembers. It
// belongs to the name. Pure; belongs
// to the table of its loop (record_table.hpp).
#pragma once

#include "troupe/audience/history.hpp"
#include "troupe/audience/recent_ids.hpp"
#include "troupe/audience/sequence.hpp"
#include "troupe/runtime/resource_shares.hpp"
#include "troupe/runtime/timer_wheel.hpp"

#include <string>
#include <utility>

namespace troupe {

class record_table;

class name_record final : private timer_wheel::deadline {
public:
  using shares = resource_shares<name_record*>;

  name_record(record_table& table, audience_kind its_kind, std::string its_name, std::string epoch,
              const claimant& made_for)
    : kind(its_kind),
      name(std::move(its_name)),
      numbers(std::move(epoch)),
      table_(table),
      made_for_(made_for) {}

  const audience_kind kind;
  const std::string name;
  sequence numbers;
  history said;
  recent_ids ids;
  std::string remembered; ///< by a room's logic, JSON; or empty
  /// How much is kept of what is said. Once nobody is here, for how long the record is.
  history::bounds keeps{};

private:
  friend class record_table;
  void on_deadline(timer_wheel::time_point now) override;

  record_table& table_;
  const claimant made_for_;
  shares::charge charged_;
  std::size_t blocks_ = 0;    // charged
  std::size_t own_bytes_ = 0; // besides the events: counted in all
  bool open_ = true;
  timer_wheel::time_point left_at_{}; // where it is not
};

} // namespace troupe
