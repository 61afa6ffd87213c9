// What sessions have to do that would hold up a loop if all of them did it at once: addresses take
// turns, one session of each after the other, for so long in each turn of the loop. On its thread.
#pragma once

#include "server/net/io_loop.hpp"
#include "troupe/runtime/metrics.hpp"
#include "troupe/runtime/turn_queue.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace troupe {

template <class Session>
class session_turns {
public:
  /// Calls `step` of whose turn it is; others are waited for no longer than `a_turn`.
  session_turns(io_loop& loop, std::chrono::milliseconds a_turn, void (Session::*step)())
    : loop_(loop),
      a_turn_(a_turn),
      step_(step) {}

  /// Whether there is so much to do in this turn of the loop that whoever comes now has to wait for
  /// its turn, too.
  bool busy() const { return !waiting_.empty() || loop_.turn_time() > a_turn_; }

  /// `who`, of this holder, has one more step to take, later in this turn of the loop or in
  /// another.
  void await(holder_id of, std::shared_ptr<Session> who) {
    waiting_.push(of, std::move(who));
    run_soon();
  }

private:
  void run_soon() {
    if (!std::exchange(runs_, true))
      loop_.post([this] { run(); });
  }

  void run() {
    const auto until = metrics_clock::now() + a_turn_;
    do
      ((*waiting_.pop()).*step_)();
    while (!waiting_.empty() && metrics_clock::now() < until);
    runs_ = false;
    if (!waiting_.empty())
      run_soon();
  }

  io_loop& loop_;
  const std::chrono::milliseconds a_turn_;
  void (Session::*const step_)();
  turn_queue<std::shared_ptr<Session>> waiting_;
  bool runs_ = false; // now or soon
};

} // namespace troupe
