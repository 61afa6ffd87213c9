// A thread that runs actors, as an actor pinned to it sees it.
//
// The server's loops (server/net/io_loop) have sockets beside the actors; the tests' loop has
// virtual time. Actors of a loop share its thread: between them, a call is as good as a message.
#pragma once

#include "troupe/runtime/timer_wheel.hpp"

#include <caf/execution_unit.hpp>

#include <atomic>
#include <cstddef>

namespace troupe {

class event_loop : public caf::execution_unit {
public:
  /// An actor as the loop sees it. Its mailbox has something for it when `run` is called.
  class pinned {
  public:
    virtual ~pinned() = default;

  private:
    friend class event_loop;
    /// Handles some of the mailbox; calls `wake` again when some is left. Takes back one reference.
    virtual void run(event_loop& loop) = 0;
    pinned* next_ = nullptr;
  };

  /// Somebody who has bytes to write when the loop has nothing better to do.
  class flusher {
  public:
    virtual ~flusher() = default;
    virtual void flush() = 0;
  };

  event_loop(caf::actor_system& system, timer_wheel::time_point start);

  /// Lets `g` run soon. The caller has added a reference for it. Any thread.
  void wake(pinned& g) noexcept;

  /// Calls `f.flush()` once, after what is ready now has been handled. Loop thread.
  virtual void flush_later(flusher& f) = 0;

  /// The deadlines of this loop. Loop thread.
  timer_wheel& deadlines() { return wheel_; }
  virtual timer_wheel::time_point now() const = 0;
  /// How long this turn has taken until now.
  virtual timer_wheel::duration turn_time() const { return {}; }

  /// Arms a deadline; the loop's tick runs while there are any. Loop thread.
  virtual void arm(timer_wheel::deadline& d, timer_wheel::time_point when) = 0;

  void exec_later(caf::resumable* actor) final;

protected:
  /// Runs the actors that were woken until now; returns how many. Loop thread.
  std::size_t run_pinned();

  /// `run_pinned` is needed soon. Any thread; called once until it runs.
  virtual void wake_up() noexcept = 0;

private:
  timer_wheel wheel_;
  alignas(64) std::atomic<pinned*> woken_{nullptr}; // a stack; the loop takes it whole
};

} // namespace troupe
