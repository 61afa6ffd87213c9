// A room as its logic sees it: the members, and the verbs. Private to room, inside whose actor it
// runs.
#pragma once

#include "troupe/audience/audience_host.hpp"
#include "troupe/audience/secret_draws.hpp"
#include "troupe/room_logic.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace troupe {

class logic_context final : public room_context {
public:
  logic_context(const server_context& server, const founding& from, const caf::actor_clock& clock,
                audience_host::set_timer timer);

  // -- for the logic --

  std::string_view name() const override { return host_.name(); }
  const roster& members() const override { return members_; }
  std::string_view shown_by(connection_id who) const override;
  wall_time now() const override { return host_.server().observers.now(); }
  void send(connection_id to, std::string_view type, const json_fields& fields) override;
  void broadcast(std::string_view type, const json_fields& fields) override;
  void notify(std::string_view type, const json_fields& fields) override {
    broadcast_except(no_connection, type, fields);
  }
  void broadcast_except(connection_id except, std::string_view type,
                        const json_fields& fields) override;
  void refuse(connection_id to, const error& why) override;
  bool put_out(connection_id who, const std::string& reason) override;
  result<> publish(std::string_view topic, std::string_view event, std::string_view data) override;
  result<> send_to_user(std::string_view user_id, std::string_view type,
                        const json_fields& fields) override;
  result<> remember(std::string_view json) override { return host_.remember(json); }
  std::string_view remembered() const override { return host_.remembered(); }
  void after(std::chrono::milliseconds delay, std::uint32_t timer) override;
  void open(std::string_view room) override;
  void close() override;
  std::uint64_t random(std::uint64_t below) override;

  // -- for the room --

  audience_host& host() { return host_; }
  const audience_host& host() const { return host_; }

  /// Enters or renews a member and tells its outlet. False when it was one already.
  bool enroll(const admit& request, member who, room_actor room);
  /// False when it is no member by the enrolment of that ticket; else `removed` is what it was.
  bool remove(connection_id connection, ticket asked, member& removed);
  /// Puts a member out, who is told why. False when it was none any more.
  bool expel(const member& whom, const std::string& reason);
  /// Puts out everybody.
  void dismiss(const std::string& reason);
  /// Whom the logic wants out since the last call, and why.
  using leaving = std::vector<std::pair<member, std::string>>;
  leaving to_put_out() { return std::exchange(leaving_, {}); }
  /// Whether somebody who was put out may have said something before it heard of it.
  bool awaits_last_words() const { return !put_out_.empty(); }
  /// A member has another token.
  bool identify(const troupe::identify& news);
  /// Whether the others are told when one more member comes.
  bool tells_of_one_more();
  /// Somebody wants to know who is here: that is kept from now on, where it may be.
  void keep_presence();

  /// What the logic says meanwhile is `who`'s doing.
  template <class Logic>
  void on_behalf_of(const member& who, Logic logic) {
    speaker_ = &who;
    logic();
    speaker_ = nullptr;
  }

  /// While the logic answers `message`, broadcasts carry its credit. A message with an `id` gets
  /// one answer with it: the first refusal, or `sent` behind what came of it.
  template <class Logic>
  void answer(const say& message, Logic logic) {
    answering_ = &message;
    confirmed_ = false;
    as_asked(message.what.options, [&] { once(message.what.msg_id, 0, logic); });
    const bool owes = !message.what.id.empty() || (message.what.options.except_me && placed_);
    if (owes && !refused_ && !confirmed_)
      confirm();
    answering_ = nullptr;
  }

  /// What the logic broadcasts meanwhile is for those, and for that time, that `options` say. The
  /// sender goes without the first numbered broadcast alone: `sent` stands in its place.
  template <class Logic>
  void as_asked(const delivery_options& options, Logic logic) {
    options_ = &options;
    logic();
    options_ = nullptr;
  }

  /// Calls `logic` unless a message with this `msg_id` (or empty) was said before; it is remembered
  /// unless it was refused. One that had other words, by `digest` (msg_id.hpp; 0: it is not asked),
  /// is an error. Returns where the first broadcast stands that came of it, then or now,
  /// and how many listened then; if none did, where the room stands.
  template <class Logic>
  posted once(const std::string& msg_id, std::uint64_t digest, Logic logic) {
    refused_ = false;
    placed_.reset();
    if (const auto* const known = host_.said_before(msg_id)) {
      if (known->is_of_another(digest))
        return {fail(errc::msg_id_reused)};
      recall(*known);
    } else {
      logic();
      if (!refused_ && !msg_id.empty())
        remember_id(msg_id, digest);
    }
    const bool for_some = options_ && options_->for_some();
    return {placed_.value_or(for_some ? position{} : host_.at()),
            placed_ ? heard_by_ : host_.listeners()};
  }

  /// While the logic makes something of an event from a bus, broadcasts carry its credit.
  template <class Logic>
  void pass_on(const troupe::credit& credit, Logic logic) {
    carried_ = &credit;
    logic();
    carried_ = nullptr;
  }

  /// Tells the tap when the room is no longer empty, or is again.
  void watch_occupancy();
  /// The room ends, and whoever is still in it is out. The logic may have thrown: what it was at is
  /// no more.
  void vacate();

private:
  void note_presence(const admit& request);
  audience_host::origin origin() const;
  troupe::credit carried() const;
  connection_id spared() const;
  void recall(const recent_ids::place& known);
  void remember_id(const std::string& msg_id, std::uint64_t digest);
  void confirm();
  events::room_event event(std::string_view type, const json_fields& fields) const;
  events::room_event caused(events::room_event what) const;

  audience_host host_;
  roster members_;
  std::set<std::pair<connection_id, ticket>> put_out_; // whose outlet has not confirmed it
  leaving leaving_;
  secret_draws draws_;
  const say* answering_ = nullptr;
  bool refused_ = false;   // what it answers: the sender was told so
  bool confirmed_ = false; // or was told `sent`
  const delivery_options* options_ = nullptr;
  std::optional<position> placed_;  // of the first broadcast that came of it
  std::uint64_t heard_by_ = 0;      // how many listened then
  const member* speaker_ = nullptr; // null: the server itself
  const troupe::credit* carried_ = nullptr;
  bool occupied_ = false;   // as the tap knows it
  bool tells_joins_ = true; // it has not become too large for that
};

} // namespace troupe
