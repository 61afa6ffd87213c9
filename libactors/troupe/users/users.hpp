// The users: which are connected, and on which connections; carries out the commands of admins.
// Runs on a loop or the pool.
//
// Nothing waits for it: connections report when they open, when their token changes, and when they
// close. A denial reaches the handshakes first; then the user's connections are closed. A
// connection that was admitted just before is closed when it reports.
#pragma once

#include "troupe/deny_list.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/runtime/owed_answer.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/server_context.hpp"
#include "troupe/users/user_index.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace troupe {

class users final : public placed_actor<users_actor> {
public:
  users(caf::actor_config& config, event_loop* loop, const server_context& context);

  const char* name() const override { return "users"; }

protected:
  behavior_type make_behavior() override;

private:
  /// Called once, at once or later.
  using answer = std::function<void(const administered&)>;
  struct counting;
  struct gathering;

  void on_arrival(connection_id connection, const identity_ptr& who);
  caf::result<administered> on_administer(administer& asked);
  void on_request(admin_request& request);
  void on_bridged(const bridged& event);
  void give(const std::vector<connection_id>& whom, const encoded_event& what,
            const troupe::credit& credit);
  answer noted(const administer& asked, answer reply) const;

  void carry_out(const admin::stats&, const answer& reply);
  void carry_out(const admin::announce& what, const answer& reply);
  void carry_out(const admin::show_history& what, const answer& reply);
  void carry_out(const admin::forget_history& what, const answer& reply);
  void carry_out(const admin::send& what, const answer& reply);
  void put_into_inbox(std::string inbox, const admin::send& what, const answer& reply);
  void carry_out(const admin::kick& what, const answer& reply);
  void carry_out(const admin::deny_token& what, const answer& reply);
  void carry_out(const admin::ban& what, const answer& reply);
  void carry_out(const admin::lift_ban& what, const answer& reply);
  void carry_out(const admin::list_bans& what, const answer& reply);
  void carry_out(const admin::kick_from_room& what, const answer& reply);
  void carry_out(const admin::mute& what, const answer& reply);
  void carry_out(const admin::close_room& what, const answer& reply);
  void carry_out(const admin::list_rooms& what, const answer& reply);
  void carry_out(const admin::list_topics& what, const answer& reply);
  void carry_out(const admin::show_room& what, const answer& reply);
  void carry_out(const admin::show_topic& what, const answer& reply);
  void carry_out(const admin::show_connection& what, const answer& reply);
  void carry_out(const admin::show_user& what, const answer& reply);
  void carry_out(const admin::show_presence& what, const answer& reply);
  void carry_out(const admin::list_users& what, const answer& reply);

  // Asks somebody further inside; that there is no answer is an answer, too.
  template <class Actor, class Question, class Then>
  void ask(const Actor& whom, Question question, const answer& reply, Then then) {
    request(whom, answer_timeout, std::move(question))
      .then(std::move(then), [reply](const caf::error& why) { reply({fail(no_answer(why))}); });
  }
  void list(audience_kind kind, const admin::page& which, const answer& reply);
  void describe(audience_kind kind, const std::string& name, const answer& reply);
  void sum_listeners(audience_kind kind, audience_list found, const answer& reply);
  void ask_room(moderate word, const admin::member_ref& whom, const answer& reply);
  static administered reached(std::size_t connections);
  void give_word(moderate word, const answer& reply);
  // Calls `then(found)` with the connection of that public id, if it is there.
  template <class Then>
  void find_connection(const std::string& public_id, const answer& reply, Then then);
  std::size_t put_out(const std::vector<connection_id>& whom, std::string_view reason);

  const server_context& context_;
  user_index present_;
  deny_list denied_; // of which `context_.denials` shows a copy
  caf::actor_clock::time_point started_;
};

} // namespace troupe
