// The rules by which what somebody missed and what is said now meet without a hole and without a
// double. All hold while a server runs. Tests switch each off in turn, to show that it is needed,
// and that they would see it broken. Pure.
#pragma once

namespace troupe {

struct seam_rules {
  /// A record that is made anew has an epoch that nobody has seen.
  bool new_epoch = true;
  /// A position of another epoch is not recovered.
  bool same_epoch = true;
  /// Nothing is sent again unless all behind the position is still known.
  bool all_or_nothing = true;
  /// Who listens already is not sent again what it has.
  bool once_each = true;
  /// Who is still sent what it missed is told how far it has come, not where the name stands.
  bool own_position = true;
  /// While something is sent again, what is said now waits behind it.
  bool one_queue = true;
  /// Two actors of the same name never number under the same epoch.
  bool one_numbers = true;
  /// Where a history is kept, an event for a name without an actor makes one.
  bool kept_unheard = true;
  /// A gap stands in the place of what was deleted.
  bool gap_for_deleted = true;
  /// Who is not sent the rest, because it is too slow, is told how much that is.
  bool gap_for_dropped = true;
  /// What was said with a `msg_id` is known when the actor has ended.
  bool ids_outlive = true;
};

inline constexpr seam_rules all_seam_rules{};

} // namespace troupe
