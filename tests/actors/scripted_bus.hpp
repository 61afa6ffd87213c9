// A bus that ends in the test: it keeps what it is told, and answers requests when the test says
// so.
#pragma once

#include "stage.hpp"
#include "troupe/bus_messages.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace troupe::test {

struct scripted_bus {
  struct asked {
    bus_request what;
    caf::typed_response_promise<bus_answer> promise;
  };
  /// What the test tells the bus: the answer to the request that has waited longest.
  using actor = bus_actor::extend<caf::reacts_to<bus_answer>>;

  std::vector<bus_listen> listened;
  std::vector<bus_publish> published;
  std::deque<asked> requests; ///< that wait for an answer
  actor self;

  void answer(bus_answer with) { caf::anon_send(self, std::move(with)); }
  void answer(std::string payload) {
    answer(bus_answer{bus_answer::outcome::answered, std::move(payload)});
  }
};

inline scripted_bus::actor::behavior_type follow_script(scripted_bus::actor::pointer self,
                                                        scripted_bus* script) {
  return {
    [script](bus_listen& request) { script->listened.push_back(std::move(request)); },
    [script](bus_publish& what) { script->published.push_back(std::move(what)); },
    [script, self](bus_request& what) -> caf::result<bus_answer> {
      auto promise = self->make_response_promise<bus_answer>();
      script->requests.push_back({std::move(what), promise});
      return promise;
    },
    [script](bus_answer& with) {
      ASSERT_FALSE(script->requests.empty());
      script->requests.front().promise.deliver(std::move(with));
      script->requests.pop_front();
    },
  };
}

/// `into` must outlive the actor.
inline bus_actor spawn_scripted_bus(caf::actor_system& system, scripted_bus& into) {
  into.self = system.spawn(follow_script, &into);
  return into.self;
}

} // namespace troupe::test
