// What only some connections have: an identity, for as long as its token is good, and what
// admission gave them to keep. A connection without any of it has a null pointer instead. Pure;
// belongs to its connection's loop.
#pragma once

#include "troupe/runtime/admission.hpp"
#include "troupe/runtime/gcra.hpp"
#include "troupe/runtime/timer_wheel.hpp"
#include "troupe/wire/client_address.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace troupe {

class session {
public:
  using time_point = timer_wheel::time_point;

  session() = default;
  /// `counted` is held for as long as the connection lives.
  explicit session(admission counted) : admission_(std::move(counted)) {}

  /// The sender that it was on an earlier connection; or 0.
  std::uint64_t sender() const { return sender_; }
  void continues(std::uint64_t sender) { sender_ = sender; }

  /// By its token, or null.
  const identity_ptr& who() const { return who_; }
  /// How many signals it may send; one that sends none has no session for it.
  gcra& signal_budget() { return signal_budget_; }
  shared_gcra* user_budget() const { return admission_.user_budget; }

  /// It is leaving, or has missed a heartbeat: a newer connection of its user may have its place.
  void doubt() {
    if (admission_.place)
      admission_.place->doubt();
  }
  /// It lives. False: a newer one has its place.
  bool vouch() { return !admission_.place || admission_.place->vouch(); }
  bool replaced() const { return admission_.place && admission_.place->lost(); }

  /// Of its client, where a proxy told it; else unknown.
  const client_address& proxied_for() const { return proxied_for_; }
  void came_for(const client_address& whom) { proxied_for_ = whom; }

  /// It has become its user's, and is counted as such from now on, beside what it holds already.
  void counts_as_users(admission among);

  /// What its client has seen of its inbox, if it asks for what it missed; and asks no more.
  void has_seen_of_inbox(position at) { inbox_seen_ = std::make_unique<position>(std::move(at)); }
  std::optional<position> take_seen_of_inbox() {
    const auto seen = std::move(inbox_seen_);
    return seen ? std::optional(std::move(*seen)) : std::nullopt;
  }

  /// When its token is no longer good, and the grace is over; `time_point::max()`: never.
  time_point expires() const { return expires_; }
  bool expired(time_point now) const { return now >= expires_; }

  /// It is `who` from now on. `grace` begins when the token ends. The clock of a token is the
  /// wall's, that of deadlines is not: the difference is taken once, here.
  void adopt(identity_ptr who, wall_time wall, time_point now, std::chrono::milliseconds grace);

private:
  client_address proxied_for_;
  identity_ptr who_;
  time_point expires_ = time_point::max();
  admission admission_;
  std::uint64_t sender_ = 0;
  gcra signal_budget_;
  std::unique_ptr<position> inbox_seen_; // few have it, and not for long
};

} // namespace troupe
