// What rooms and topics have in common: the order of messages, what is kept of them, the way to the
// listeners, and when nobody needs them any more. A message gets its place here and nowhere else.
// Runs inside the actor that owns it.
//
// When the last listener has gone, the directory is told: at once that the place may be given to
// others, and after a while that it is not needed any more. A topic that nothing was published on,
// and a room that has closed itself, have nothing to keep and end at once.
#pragma once

#include "troupe/audience/child_counts.hpp"
#include "troupe/audience/record_table.hpp"
#include "troupe/messages.hpp"
#include "troupe/pattern_routes.hpp"
#include "troupe/runtime/gcra.hpp"
#include "troupe/runtime/idle_watch.hpp"
#include "troupe/server_context.hpp"

#include <caf/error.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

class presence;

/// A room or topic that begins.
struct founding {
  audience_kind kind = audience_kind::topic;
  std::string name;
  audience_id audience{};
  claimant made_for{}; ///< on whose account it is
};

class audience_host {
public:
  /// Has the actor hear `tick{number}` after a while.
  using set_timer = std::function<void(caf::actor_clock::duration_type, std::uint64_t number)>;
  using host_actor = std::variant<room_actor, topic_actor>;

  /// Whose doing a message is: the server's own unless it says otherwise. Points into what is being
  /// handled.
  struct origin {
    const troupe::credit* credit = nullptr; ///< or null
    std::string_view connection{};          ///< public id, where it is a connection's
    const identity* who = nullptr;          ///< by its token, or null
    bool from_bus = false; ///< the tap is not told, or it would go back to where it came from
  };

  /// The actor's own timer; those of a room's logic are 32-bit numbers.
  static constexpr std::uint64_t idle_timer = std::uint64_t{1} << 32;

  audience_host(const server_context& server, founding from, const caf::actor_clock& clock,
                set_timer timer);
  ~audience_host();
  audience_host(const audience_host&) = delete;
  audience_host& operator=(const audience_host&) = delete;

  audience_kind kind() const { return kind_; }
  audience_id id() const { return audience_; }
  const std::string& name() const { return from_.name; }
  caf::actor_clock::time_point now() const { return clock_.now(); }
  const position& at() const { return record_->numbers.at(); }
  const server_context& server() const { return server_; }
  bool empty() const { return listeners() == 0; }
  std::size_t listeners() const { return listeners_.total(); }

  audience_described described() const { return {audience_described::state{listeners(), at()}}; }

  // -- its life, where its actor runs --

  /// Takes up what the name has left behind. Before anything else.
  void begin();
  /// Leaves behind what there is; nothing where the room has closed.
  void end();

  // -- in and out --

  /// The directory has handed on a request: see `idle`. It is answered by `enroll` or
  /// `refuse_entry`.
  void on_admit() { ++admitted_; }
  /// Why its actor ends when it fails, for the directory: it names how many requests were answered.
  caf::error failure() const { return caf::make_error(caf::sec::runtime_error, answered_); }
  /// The same for who reads it; nothing where it is no such reason.
  static std::optional<std::uint64_t> answered_by(const caf::error& failure);
  /// Tells the outlet that `request.connection` is in; `anew`: it was not yet.
  void enroll(const admit& request, host_actor host, bool anew);
  void refuse_entry(const admit& request, error why);
  /// One that was in is out, and has stopped listening by itself.
  void on_out(connection_id connection);
  /// Sends one out; `last` is what it still gets. When all have been sent who are to go:
  /// `watch_emptiness`, or `close`.
  void expel(connection_id connection, event_ptr last);
  /// If the last has gone, the directory is told.
  void watch_emptiness();
  /// It ends as soon as nobody is here or on the way.
  void close();

  // -- who is here: audience_host_presence.cpp --

  const presence_rule& presence_settings();
  /// Who is here, where that is kept; else null.
  presence* kept_presence() const { return presence_.get(); }
  /// Keeps it from now on, from nobody on. Null where it is not to be kept.
  presence* keep_presence();
  void forget_presence();
  bool may_see_presence(const identity* who) const;
  /// One that is in is told who is here and what changes, or is told no more, or why it may not be.
  void let_follow(connection_id who, bool does, const identity* as);
  /// False where it is refused.
  bool on_set_presence(const set_presence& message);
  void on_presence_request(const presence_request& message);
  presence_read on_read_presence(const presence_question& asked, const request_id& id = {});

  // -- what is said --

  /// Takes one message of a client's from what the namespace allows in a minute; if there is none
  /// left, the error says when there will be.
  result<> spend();
  /// Gives a message its place, keeps it where the name has a history, sends it to all listeners
  /// and tells the tap. `make(offset)` makes the event; it is not called where nobody would hear
  /// it.
  template <class Make>
  position publish(Make make, const origin& from, const delivery& how = {}) {
    const auto offset = record_->numbers.next();
    const bool keeps = keeps_history();
    const bool heard = !empty() || heard_by_pattern() || taps(from);
    if (keeps || heard) {
      const auto event = share(make(offset));
      if (keeps)
        records_.keep(*record_, offset, event, server_.live().bounds, how.until);
      if (heard)
        deliver(encode(event), how, from);
    }
    return at();
  }
  /// Whether what is published is there for who comes back.
  bool keeps_history();
  /// What a message's options mean now; `sender` may be `no_connection`.
  delivery as_asked(const delivery_options& options, connection_id sender) const;
  /// Sends what is for some of the listeners, and tells the tap: it has no place, and is not kept.
  void tell_some(server_event what, const delivery& how, const origin& from);
  /// Sends what has no place to all listeners (not to those by a pattern), or as `how` says.
  void notify(const encoded_event& what, const delivery& how, const origin& from) const;
  /// Passes a signal on to the others; `user` is its sender's name.
  void pass_on(const passing& what, std::string_view user, const troupe::credit& held) const;
  /// Tells one that its request `id` is refused.
  void refuse_request(connection_id to, const error& why, const request_id& id) const;
  void send_one(connection_id to, server_event what) const { send_one(to, share(std::move(what))); }
  void send_one(connection_id to, event_ptr what) const;
  /// Something has come from a bus; where nobody hears it, and it is not kept, that is counted.
  void on_bridged();
  void tell_tap(tapped_event::kind what, std::string_view frame, const origin& from) const;

  /// The place of the message with this `msg_id`, said a short while ago; or null.
  const recent_ids::place* said_before(const std::string& msg_id) const;
  void remember(std::string msg_id, recent_ids::place got);

  /// For who comes back to this name: see `room_context`.
  result<> remember(std::string_view json);
  std::string_view remembered() const { return record_->remembered; }

  // -- idleness --

  /// It is of use although nobody may be here: the directory is not told for another while.
  void touch();
  /// False when the timer is the logic's.
  bool on_tick(std::uint64_t timer);
  void tick_after(caf::actor_clock::duration_type time, std::uint64_t timer) const {
    set_timer_(time, timer);
  }

private:
  void read_settings();
  presence* shown_presence();
  resumption resume(const position& since, bool anew);
  void greet(connection_id newcomer, std::uint32_t count);

  /// Tells the directory that nobody is here; `spare`: and that it is to end only if need be.
  void report_idle(bool spare = false) const;
  /// Whether somebody listens to it by a pattern.
  bool heard_by_pattern() {
    return kind_ == audience_kind::topic && !by_pattern_.of(patterns_, name()).empty();
  }
  bool taps(const origin& from) const { return server_.observers.tap && !from.from_bus; }
  void deliver(const encoded_event& what, const delivery& how, const origin& from);
  void tell(std::uint32_t child, const encoded_event& what, const delivery& how, const origin& from,
            bool by_pattern) const;
  void tell_all(const encoded_event& what, const delivery& how, const origin& from);

  const server_context& server_;
  const founding from_;
  const audience_kind kind_;
  const audience_id audience_;
  record_table& records_;
  name_record* record_ = nullptr; // between `begin` and `end`
  child_counts listeners_;
  const pattern_routes& patterns_;
  matching_children by_pattern_;
  std::uint64_t admitted_ = 0;
  std::uint64_t answered_ = 0; // of those
  bool closed_ = false;
  const live_settings* settings_ = nullptr; // those that the next three are from
  rate rate_;
  std::uint32_t greet_ = 0;
  presence_rule presence_rule_;
  std::unique_ptr<presence> presence_; // null: it is not kept
  gcra spent_;
  idle_watch idle_;
  const caf::actor_clock& clock_;
  const set_timer set_timer_;
};

} // namespace troupe
