// The link to NATS as the server sees it: subscriptions, the outbox, requests that await an answer.
// Runs on an I/O loop and never blocks: only the NATS thread calls nats.c.
//
// Each request has an inbox of its own for its answer: a subject that nobody can guess, so that
// only whoever got the request can answer it. All begin alike, for one subscription.
#pragma once

#include "server/bridges/nats_messages.hpp"
#include "server/bridges/nats_outbox.hpp"
#include "server/bridges/nats_thread.hpp"
#include "troupe/runtime/bus_metrics.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

class nats_link final : public placed_actor<nats_link_actor> {
public:
  /// `thread` and `counts` outlive the actor.
  nats_link(caf::actor_config& config, event_loop* loop, nats_thread& thread,
            const nats_config& settings, bus_metrics& counts);

  const char* name() const override { return "nats_link"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using promise = caf::typed_response_promise<bus_answer>;
  using time_point = caf::actor_clock::time_point;

  struct listener {
    bus_listener_actor who;
    std::vector<nats_subscription_ptr> subscriptions;
  };

  void on_listen(bus_listen& wanted);
  void on_publish(bus_publish& message);
  void on_request(bus_request& asked, promise answer);
  void on_reply(nats_reply& reply);
  void on_expired(nats_expired timer);
  void watch_deadlines();
  bool finish(const std::string& inbox, bus_answer with);
  void on_state(nats_state state);
  void forget(const caf::actor_addr& who);

  template <class Work>
  bool guarded(const Work& work);
  void open_inboxes();
  /// Returns how many messages were dropped for it, itself included.
  std::size_t push(nats_outgoing message);
  void pump();
  nats_subscription_ptr subscription(std::string subject, std::string queue,
                                     nats_subscription::sink deliver);
  void warn(std::string_view what, std::string_view subject);
  void on_done(nats_batch_done& batch);

  nats_thread& thread_;
  const nats_config settings_;
  bus_metrics& counts_;

  nats_outbox outbox_;
  bool in_hand_ = false; // the thread has a batch
  std::size_t bytes_in_hand_ = 0;
  bool connected_ = false;
  std::unordered_map<caf::actor_addr, listener> listeners_;

  const std::string inboxes_; // what the subjects of all begin with
  struct waiting {
    promise answer;
    time_point until;
  };
  keyed_map<std::string, waiting> awaiting_;               // by inbox
  std::set<std::pair<time_point, std::string>> deadlines_; // of those
  time_point next_look_ = time_point::max();               // at them: a timer is under way

  std::chrono::steady_clock::time_point warned_{};
};

} // namespace troupe
