// What a room or topic tells of who is there: whom, and when. A part of an audience host, where
// presence is kept. Runs inside the actor that owns it.
//
// Followers get one `presence` frame, and then a `presence_diff` with what has changed: at once
// where nothing was told for a while, else as soon as that is over, so that however many come and
// go, followers are told twice a second. A diff is encoded once, and goes as one message to each
// child that has followers.
#pragma once

#include "troupe/audience/child_counts.hpp"
#include "troupe/audience/presence_list.hpp"
#include "troupe/messages.hpp"
#include "troupe/roster.hpp"

#include <caf/actor_clock.hpp>

#include <cstdint>
#include <optional>

namespace troupe {

class audience_host;

class presence {
public:
  /// Its timers are the numbers from this one on.
  static constexpr std::uint64_t first_timer = std::uint64_t{1} << 33;

  explicit presence(audience_host& host) : host_(host) {}

  /// Somebody is here, or has asked again: whoever has no public id is passed over.
  void enter(const member& who);
  /// It has another token: it may be another entry, and may have lost the right to follow.
  void identify(const troupe::identify& news);
  /// `lingers`: it was not sent away, and may come back.
  void leave(connection_id who, bool lingers);
  /// It is sent who is there and is told from now on what changes; or no more.
  void follow(connection_id who, bool does);
  /// False: it is not here.
  bool show_state(connection_id who, std::string state);
  std::string_view state_of(connection_id who) const { return list_.state_of(who); }

  event_ptr page(const presence_question& asked, const request_id& id);
  void on_timer(std::uint64_t timer);

private:
  using time_point = caf::actor_clock::time_point;

  void stop_following(connection_id who);
  void tell_in_time();
  void tell(time_point now);
  void wake_at(time_point when, time_point now);
  template <class Event>
  Event about() const;

  audience_host& host_;
  presence_list list_;
  child_counts followers_;
  std::optional<time_point> told_at_;
  std::size_t count_told_ = 0;
  std::optional<time_point> wakes_at_;
  std::uint64_t last_timer_ = first_timer; // all before it mean nothing any more
};

} // namespace troupe
