// The generic room actor: membership, order and timers for any room type; what a message means is
// its logic's affair. Runs on a loop or the pool.
#pragma once

#include "troupe/audience/logic_context.hpp"
#include "troupe/audience/restrictions.hpp"
#include "troupe/messages.hpp"
#include "troupe/room_logic.hpp"
#include "troupe/server_context.hpp"
#include "troupe/ticking_actor.hpp"

#include <memory>
#include <vector>

namespace troupe {

class room final : public ticking_actor<room_actor> {
public:
  room(caf::actor_config& config, event_loop* loop, const server_context& server,
       const founding& from, restrictions forbidden = {});

  const char* name() const override { return "room"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  std::size_t members_max() const;
  void on_admit(const admit& request);
  void on_out(connection_id connection, ticket asked);
  void on_identify(const identify& news);
  void renew(const member& before);
  std::chrono::milliseconds left(restriction what, const member& whom) const;
  result<> may_be_heard(const member& who);
  result<> may_speak(const member& who) const;
  result<> may_enter(const member& who);
  result<> may_rename(const member& before, const member& now);
  void on_say(const say& message);
  void on_signal(const signal& message);
  posted on_post(const post& message);
  void on_bridged(const bridged& event);
  moderated on_moderate(const moderate& word);
  std::vector<member> those(const room_subject& whom) const;
  std::size_t put_out(const std::vector<member>& out, const std::string& reason);
  /// Has the logic do something on behalf of somebody, and then puts out whom it wants out.
  template <class Logic>
  void have_logic(const member& who, Logic what) {
    context_.on_behalf_of(who, what);
    put_out_whom_it_wants_out();
  }
  void put_out_whom_it_wants_out();
  void on_set_presence(const set_presence& message);
  void on_tick(std::uint64_t timer);
  void finish();

  logic_context context_;
  std::unique_ptr<room_logic> logic_;
  restrictions forbidden_;
  bool finishing_ = false;
};

} // namespace troupe
