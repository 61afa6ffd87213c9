// One I/O loop's outlet for all audiences, with the tables of its connections and of where they
// listen. An actor pinned to its
// loop; connections of the same loop also call it directly.
//
// A broadcast comes as one message and becomes a push to each listener's outbox: no message, no
// allocation and no shared counter per delivery. What was pushed is written when the loop has
// handled all that is ready, so that under load many frames share one system call.
#pragma once

#include "troupe/delivery/drain_pace.hpp"
#include "troupe/delivery/frame_ref.hpp"
#include "troupe/delivery/listener_table.hpp"
#include "troupe/delivery/pattern_table.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/runtime/read_pace.hpp"
#include "troupe/runtime/turn_queue.hpp"
#include "troupe/server_context.hpp"

#include <memory>
#include <unordered_set>
#include <vector>

namespace troupe {

class connection;

class outlet final : public placed_actor<outlet_actor>,
                     private event_loop::flusher,
                     private timer_wheel::deadline {
public:
  outlet(caf::actor_config& config, event_loop* loop, const server_context& context,
         std::uint32_t loop_number);
  ~outlet() override;

  const char* name() const override { return "outlet"; }

  // For the connections of this loop.

  /// Enters a connection into the table, which holds it until `detach`.
  connection_id attach(connection& who);
  /// Takes it out; the last reference goes when this turn of the loop ends.
  void detach(connection& who);
  /// Its `pump` is called when this turn of the loop ends.
  void pump_later(connection& who);
  /// Whether it may read in this turn. If not, it waits for its turn to: one connection of each
  /// address after the other.
  bool may_read(connection& who);
  void charge_reading(std::uint64_t units) { reading_pace_.charge(units); }
  /// Queues some of what `who` missed and has not been sent yet, as far as its outbox allows; false
  /// when nothing of that is left.
  bool replay(connection& who);
  /// Whether it takes nothing of that.
  bool stalled(connection& who, timer_wheel::time_point now);
  /// Which of this loop's connections listens where.
  listener_table& listeners() { return listeners_; }
  /// And by which patterns; `leave_pattern` tells the directory besides. False: it did not.
  pattern_table& patterns() { return patterns_; }
  bool leave_pattern(connection& who, const std::string& pattern);

  /// The counters of this loop.
  loop_metrics& metrics() const { return metrics_; }
  const frame_ref& heartbeat() const { return heartbeat_; }
  std::size_t connections() const { return slots_.size() - free_.size(); }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  // How far closing all connections has come.
  struct draining {
    drain_pace pace;
    std::size_t closed = 0;
    std::size_t next = 0; // of the slots
  };

  struct slot {
    caf::intrusive_ptr<connection> who;
    std::uint32_t generation = 0;
  };

  connection* find(connection_id id) const;
  void on_enroll(const enroll& message);
  void describe(audience& fresh, const enroll& message) const;
  void begin_replay(connection& who, audience& in, const missed_events& missed);
  void fall_behind(connection& who, audience& in);
  /// `what` has no place of its own, or `who` has come to it: it passes what is sent again.
  void deliver_beside(connection& who, const audience& in, const frame_ref& what,
                      const broadcast& message);
  void on_broadcast(const broadcast& message);
  void on_signal(const broadcast& message);
  void deliver_to(audience& to, const broadcast& message, const frame_ref& what, bool numbered);
  void deliver_to_role(const audience& to, const broadcast& message, const frame_ref& what);
  void on_spread_pattern(spread_pattern& message);
  void on_pattern_granted(pattern_granted& message);
  void tell_unsubscribed(connection_id who, std::string pattern) const;
  const pattern_table::hearing* who_hear_by_pattern(const broadcast& message);
  void deliver_by_pattern(const pattern_table::listeners& all, const frame_ref& what,
                          const broadcast& message);
  lossy_audience_ptr lossy_by_namespace(audience_kind kind, const std::string& name) const;
  void on_broadcast_all(const broadcast_all& message);
  void on_expel(const expel& message);
  void on_follow(const follow& message);
  void on_presence_news(const presence_news& message);
  void on_dissolve(const dissolve& message);
  void on_watch(const watch& message);
  void on_drain(const drain& message);
  void on_deadline(timer_wheel::time_point now) override;
  outboxes_measured on_measure_outboxes();
  void time_first(metrics_clock::time_point came_in);
  void on_multicast(const multicast& message);
  void on_close_connections(const close_connections& message);
  addresses_closed on_close_addresses(const close_addresses& message);
  connections_described on_describe_connections(const describe_connections& question) const;
  member_counts on_count_members(const count_members& question) const;
  void flush() override;
  void flush_soon();
  void read_in_turns();

  const server_context& context_;
  const std::uint32_t loop_number_;
  const frame_ref heartbeat_;
  std::vector<slot> slots_;
  std::vector<std::uint32_t> free_;
  listener_table listeners_;                 // all of them connections
  pattern_table patterns_;                   // the same
  const live_settings* judged_by_ = nullptr; // what some of them hear
  bool flushes_ = false;                     // soon
  std::vector<connection*> waiting_;         // for their pump
  std::vector<connection*> pumping_;
  std::vector<caf::intrusive_ptr<connection>> departed_; // they may still stand in the lists above
  turn_queue<connection_id> reading_;                    // when their turn comes
  read_pace reading_pace_;
  timer_wheel::duration reading_took_{};      // in the last turn
  std::unordered_set<connection_id> watched_; // whose end the directory wants to know
  loop_metrics& metrics_;
  metrics_clock::time_point first_came_in_{}; // of the messages this turn's broadcasts are about
  std::unique_ptr<draining> draining_;
};

} // namespace troupe
