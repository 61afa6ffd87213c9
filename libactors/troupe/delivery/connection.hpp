// One connection, whatever carries its bytes: the actor behind a client. It decodes what the client
// says, knows where it listens, and keeps what waits to be written. Runs on its I/O loop.
//
// It waits for one thing at a time: while it is being let into a room or onto topics, what the
// client says next stays unread. So a client may send `join` and `message` in one breath.
#pragma once

#include "troupe/delivery/listener_table.hpp"
#include "troupe/delivery/message_budget.hpp"
#include "troupe/delivery/outbox.hpp"
#include "troupe/delivery/pending_request.hpp"
#include "troupe/delivery/session.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/light_actor.hpp"
#include "troupe/runtime/timer_wheel.hpp"
#include "troupe/server_context.hpp"
#include "troupe/wire/client_address.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/troupe_v1.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

class outlet;

class connection : public light_actor, public audience_listener, private timer_wheel::deadline {
public:
  /// What a client asked for by the way it connected.
  struct opening {
    std::string user{};              ///< or empty
    std::string room{};              ///< to be in from the start; or empty: the default room
    std::optional<position> since{}; ///< what it has seen of it, if it asks for what it missed
    std::optional<position> inbox_since{}; ///< the same of its inbox
    bool follows = false;                  ///< and is to be told who is in the room
    identity_ptr who{};                    ///< by its token; or null
    std::uint64_t sender{};                ///< by the session it brought back; or 0
    troupe::admission admission{};         ///< kept until the connection ends
    client_address proxied_for{};         ///< where it is not the transport that knows the client's
    const dialect* speaks = &troupe_v1(); ///< what its client speaks
    holder_id address{};                  ///< that it comes from, where that is known
  };

  connection(caf::actor_config& config, event_loop& loop, const server_context& context,
             outlet& its_outlet, opening asked);
  ~connection() override;

  /// Begins: `connection` is the first frame, once the connection is where it wants to be.
  void open();

  const char* name() const override { return "connection"; }
  connection_id id() const { return id_; }
  /// Who it is by its token, or null.
  const identity* who() const { return session_ ? session_->who().get() : nullptr; }
  bool has_role(std::string_view role) const { return who() && who()->has_role(role); }

  // -- called by the outlet of this loop --

  /// Queues a frame. What waits is written first where it would become much: a reader is slow only
  /// when the transport takes no more and `bytes_max` would wait. Then it closes soon, but is not
  /// to be found leaving by whoever delivers.
  void deliver(const frame_ref& what, std::size_t bytes_max);
  void deliver(const frame_ref& what) { deliver(what, context_.live().bounds.outbox_bytes_max); }
  /// What is said on a topic that it hears by a pattern. Not behind the answer to a request that
  /// names the topic: the position in it counts this message.
  void deliver_by_pattern(const frame_ref& what, const std::string& topic, std::size_t bytes_max);
  /// Queues a signal, or drops it where the reader does not keep up.
  void deliver_signal(const frame_ref& what, std::size_t bytes_max);
  /// Encodes `what` for this client alone and delivers it.
  void tell(const server_event& what);
  /// Whether it has asked for this room or topic and still waits for an answer.
  bool awaits(audience_kind kind, std::string_view name) const {
    return pending_ && pending_->awaits(kind, name);
  }
  /// It is in the table: the answer to what it asked, now or earlier.
  void enrolled(const enroll& message, const audience& in);
  void refused(const refuse& message);
  /// It hears all topics that match, or did already: the same.
  void granted(const pattern_granted& message);
  bool listens_by_pattern() const { return by_pattern_; }
  /// It listens there no more, and the room or topic hears so, behind all that it was sent. False:
  /// it did not listen.
  bool leave_audience(audience_id id);
  /// Says `disconnect` and closes. What already waits is still sent, unless the reader is too slow.
  void hang_up(close_code code, std::string_view reason, std::chrono::milliseconds after = {});

  /// Has the processor fetch what a delivery will touch: a broadcast finds its listeners cold, and
  /// may as well wait for several at once.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(&outlet_);
    __builtin_prefetch(&outbox_ + 1);
  }

  std::size_t waiting_bytes() const { return outbox_.bytes(); }
  bool is_closing() const { return closing(); }
  /// Its client's, as far as is known.
  client_address address() const {
    return session_ && session_->proxied_for().known() ? session_->proxied_for() : peer();
  }
  /// Who it is and where it listens.
  connections_described::one described() const;

  /// Marks it as waiting for its turn to read; false: it is marked already.
  bool mark_for_reading() { return !std::exchange(awaits_turn_, true); }
  /// Its turn to read has come. Takes the mark away.
  void read_in_turn();
  /// Whose it is, for who shares something out.
  holder_id address_holder() const { return address_; }

  std::size_t waiting_frames() const { return outbox_.frames(); }
  /// It is sent again what it missed, with each `pump`.
  void has_replays() { replaying_ = true; }
  /// It does not catch up, and closes soon, as one that is too slow.
  void fall_too_far_behind();

  /// Marks it for `pump`; false: it is marked already.
  bool mark_for_pump() { return !std::exchange(pump_scheduled_, true); }
  /// Goes on reading where that was put off, then writes what waits. Takes the mark away.
  void pump();

protected:
  // -- for the transport --

  /// Bytes have come: the client lives.
  void heard() {
    if (missed_beats_ > 1) [[unlikely]]
      came_back();
    missed_beats_ = 0;
  }
  /// One text message, valid UTF-8. Only while `wants_frames`.
  void receive_text(std::string_view text);
  /// Whether the next message may be handed in; if not, `read_on` is called when it may.
  bool wants_frames();
  /// Takes one from what the client may send. If there is none it is told so in answer to `asked`
  /// (null: it is not), and closed when that has happened too often.
  bool spend(const request_id* asked);
  /// A pong has come, in a frame or of the transport's own. One for each ping costs nothing.
  void receive_pong();
  /// Queues a control frame of the transport's own.
  void push(frame_ptr what);
  /// Whether it may read now; if not, `read_on` is called when its turn has come.
  bool may_read();
  /// For what it reads: see `read_pace`.
  void charge_reading(std::uint64_t units);
  /// There is more to do than one turn allows: has `pump` called in the next.
  void pump_soon();
  /// The transport takes more again: writes what waits. There may be more that it missed.
  void write_on() {
    if (outbox_.may_expire())
      expire_frames();
    write();
    if (replaying_)
      pump_soon();
  }
  /// The transport closes: because the client asked or, with `ours`, for breaking the rules; `last`
  /// goes out first.
  void close_with(frame_ptr last, close_code ours = close_code{});
  /// The transport is gone. Ends the actor.
  void end();
  /// The same, when this turn ends: it may be found out while somebody delivers.
  void end_soon();

  bool closing() const { return state_ == state::closing; }
  outbox& waiting() { return outbox_; }
  const server_context& context() const { return context_; }
  loop_metrics& metrics() const;

  /// Goes on reading where `reads_on_` says that there may be something.
  virtual void read_on() = 0;
  /// Writes as much as the transport takes.
  virtual void write() = 0;
  /// The same, even if it has said that it takes no more: its reader may have read since.
  virtual void write_again() = 0;
  /// The last frame is queued.
  virtual void closing_began() = 0;
  /// The last frame has left. May be called again.
  virtual void all_written() = 0;
  /// Lets go of the transport at once. `abruptly`: the client has not taken what it was sent, and
  /// is not to be waited for.
  virtual void release_transport(bool abruptly) = 0;
  /// The address of the other end. Looked up when it is asked for.
  virtual client_address peer() const { return {}; }
  /// The form in which the transport sends this message: compressed, or as it is.
  virtual frame_ref packed(const frame_ref& what) { return what; }
  /// The transport has a form of its own: `packed` is called from now on.
  void has_packed_form() { packs_ = takes_own_form_ = true; }
  bool packs() const { return packs_; }

private:
  // What waits is written when it is more than this part of the bound, even amid a turn.
  static constexpr std::size_t written_part = 4;

  enum class state : std::uint8_t { opening, open, closing, ended };

  void handle(caf::type_erased_tuple& content) override;
  void on_exit() override;
  void on_deadline(timer_wheel::time_point now) override;

  void receive(client::pong&, request_id&) { receive_pong(); }
  void receive(client::ping&, request_id& id);
  void receive(client::message& frame, request_id& id);
  void receive(client::publish& frame, request_id& id);
  void receive(client::subscribe& frame, request_id& id);
  void receive(client::unsubscribe& frame, request_id& id);
  void receive(client::join& frame, request_id& id);
  void receive(client::leave& frame, request_id& id);
  void receive(client::refresh& frame, request_id& id);
  void receive(client::admin_command& frame, request_id& id);
  void receive(client::rpc& frame, request_id& id);
  void receive(client::history& frame, request_id& id);
  void receive(client::signal& frame, request_id& id);
  void receive(client::presence& frame, request_id& id);
  void receive(client::set_presence& frame, request_id& id);

  bool affords(const client_frame& frame);
  bool affords_signal(const request_id& id);
  bool may(action what, std::string_view name) const {
    return context_.live().access.allow(what, name, who());
  }
  bool may_say(audience_kind kind, const std::string& name, std::string_view content,
               const request_id& id);
  bool may_be_called(std::string_view user, const request_id& id);
  const audience* room_of(const std::string& name, error& why) const;
  const audience* topic_of(const std::string& name, error& why) const;
  credit take_credit();
  identity_ptr bearer() const { return session_ ? session_->who() : nullptr; }
  std::string own_id(std::string_view msg_id) const;
  /// Without a token: the sender it was before, or else a new one.
  std::uint64_t sender() const {
    return session_ && session_->sender() != 0 ? session_->sender() : id_.value;
  }
  std::string public_id() const { return context_.settings.public_id(id_); }
  holders charged_to() const {
    return {address_, who() ? context_.settings.user_holder(who()->user_id) : no_holder};
  }
  void adopt(identity_ptr who);
  void become_users() const;
  void tell_identity(request_id id);
  void fail(const error& why, const request_id& id);

  bool may_subscribe(const std::string& topic) const;
  void forbid(action what, audience_kind kind, const std::string& name, const request_id& id);
  bool hears(const std::string& topic) const;
  std::size_t topic_count() const;
  void ask_for_pattern(const std::string& pattern);
  void leave_pattern(const std::string& pattern);
  void leave_patterns();
  void drop_patterns_not_allowed();

  void begin_waiting();
  void ask(audience_kind kind, const std::string& name, std::optional<position> since,
           std::optional<bool> follows, std::string user = {});
  position stands_at(const audience& in) const;
  void settle();
  void leave_all();
  void drop_what_is_not_allowed();
  void identify_where_it_is() const;

  std::string inbox() const;
  void enter_inbox();
  void enter_first_room();
  /// `in` is the room it was opened in, or nothing.
  void greet(const events::topic_position& in = {});
  void beat(timer_wheel::time_point now);
  void came_back();
  void arm_next(timer_wheel::time_point now);
  bool throttled() const;
  void deliver_with_care(const frame_ref& what, std::size_t bytes_max);
  void overflow();
  void make_way(std::size_t bytes, std::size_t bytes_max);
  void expire_frames();
  frame_ref own_form(const frame_ref& what);
  void begin_closing(frame_ptr last);
  void tell_closed(close_code code, std::string_view why) const;

  std::string user_;
  std::unique_ptr<session> session_;         // null: it has nothing of it
  std::unique_ptr<pending_request> pending_; // null: it waits for nothing
  credits_out_ptr credits_out_;
  timer_wheel::time_point next_beat_{};
  const holder_id address_;
  [[no_unique_address]] message_budget budget_; // what follows fills its last bytes
  ticket tickets_ = 0;
  std::uint32_t bad_frames_ = 0; // in a row
  bool timed_out_ = false;       // while closing
  bool greeted_ = false;         // and the tap was told
  bool awaits_turn_ = false;     // to read
  std::uint8_t pongs_free_ = 0;  // that answer pings

  // What every delivery touches, and nothing else: these and the transport's first members are next
  // to each other, because a broadcast finds each connection cold.
  alignas(64) const server_context& context_;
  outlet& outlet_;
  connection_id id_;
  state state_ = state::opening;
  bool overflowed_ : 1 = false;
  bool replaying_ : 1 = false;  // see `has_replays`
  bool by_pattern_ : 1 = false; // it listens to topics so; which, its outlet knows
  bool pump_scheduled_ = false;
  std::uint8_t missed_beats_ = 0;

protected:
  bool reads_on_ = false; ///< the transport has something to do in `read_on`

private:
  bool packs_ = false;            // what is delivered goes through `packed`
  bool takes_own_form_ = false;   // another than the commonest
  bool transport_failed_ = false; // acted on in `pump`
  outbox outbox_;
};
static_assert(sizeof(connection) <= 448); // there may be a million: another line is 64 MB

} // namespace troupe
