// The topic actor: gives each publication its place and sends it to all subscribers. Runs on a loop
// or the pool.
#pragma once

#include "troupe/audience/audience_host.hpp"
#include "troupe/audience/subscribers.hpp"
#include "troupe/ticking_actor.hpp"

namespace troupe {

class topic final : public ticking_actor<topic_actor> {
public:
  topic(caf::actor_config& config, event_loop* loop, const server_context& server,
        const founding& from);

  const char* name() const override { return "topic"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override { host_.end(); }

private:
  void on_admit(const admit& request);
  void on_out(connection_id connection, ticket asked);
  void on_set_presence(const set_presence& message);
  void on_publish(const publish& message);
  posted on_post(post& message);
  posted notify(const post& message);
  void on_bridged(const bridged& event);
  posted place(const publication& message, std::uint64_t digest, const audience_host::origin& from);

  audience_host host_;
  subscribers subscribers_;
};

} // namespace troupe
