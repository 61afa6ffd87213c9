// An I/O loop: one thread, one epoll set, the sockets and the actors that live on it.
//
// A turn takes what the kernel has ready, lets each socket read, runs the actors that were woken by
// it, then writes what they pushed: one `epoll_wait` for all of it. Readiness is edge-triggered: a
// socket is entered once and never armed again (docs/design/0003-threads.md has the figures).
// Only `wake`, `post`, `start` and `stop` may be called from other threads.
#pragma once

#include "server/net/descriptor.hpp"
#include "troupe/runtime/event_loop.hpp"
#include "troupe/runtime/metrics.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace troupe {

/// What has become of a watched socket since it was last told.
struct readiness {
  bool readable = false;
  bool writable = false;
  bool hung_up = false; ///< the other side has closed or failed: read to the end
};

class io_loop final : public event_loop {
public:
  /// Somebody with a socket on the loop.
  class watcher {
  public:
    virtual void on_ready(readiness what) = 0;

  protected:
    ~watcher() = default;
  };

  io_loop(caf::actor_system& system, std::uint32_t number, duration_histogram& turns);
  ~io_loop() override;

  void start();
  /// Ends the thread; what it has not handled by then is dropped.
  void stop();

  std::uint32_t number() const { return number_; }

  /// Runs `what` on the loop's thread. Any thread.
  void post(std::function<void()> what);

  /// Tells `who` when there is something to read. Closing the descriptor ends it; `who` must live
  /// until the turn in which that happens has ended: see `outlives_turn`. False when the kernel
  /// refuses. Loop thread.
  bool watch(int fd, watcher& who);
  /// The descriptor has another watcher from now on, which is told what is ready already.
  bool watch_instead(int fd, watcher& who);
  /// Also tells when there is room to write again. For one who has just found that there is none.
  bool watch_writable(int fd, watcher& who);

  /// Keeps `what` until this turn has ended.
  void outlives_turn(std::shared_ptr<void> what) { leaving_.push_back(std::move(what)); }

  static constexpr std::size_t scratch_bytes = 64 * 1024;
  /// Where to receive into: one buffer for all sockets of the loop, valid until the next receives.
  std::span<char> scratch() { return {scratch_.get(), scratch_bytes}; }

  void flush_later(flusher& f) override { flushing_.push_back(&f); }
  timer_wheel::time_point now() const override { return std::chrono::steady_clock::now(); }
  timer_wheel::duration turn_time() const override { return now() - turn_began_; }
  void arm(timer_wheel::deadline& d, timer_wheel::time_point when) override {
    deadlines().arm(d, when);
    alarm_is_late_ |= when < alarm_at_;
  }

private:
  void wake_up() noexcept override;
  void run();
  void take_events();
  void run_posted();
  void run_actors();
  void end_turn();
  void set_alarm();
  void on_timer();
  bool control(int operation, int fd, watcher& who, std::uint32_t events);

  const std::uint32_t number_;
  duration_histogram& turns_;
  metrics_clock::time_point turn_began_;
  descriptor epoll_;
  descriptor wake_fd_; // an eventfd that ends the sleep
  descriptor alarm_;   // a timerfd for the next deadline
  timer_wheel::time_point alarm_at_ = timer_wheel::time_point::max();
  bool alarm_is_late_ = false; // something may be due before it rings
  std::atomic<bool> asleep_{false};
  std::atomic<bool> woken_{false}; // there are actors to run
  std::atomic<bool> stopping_{false};
  std::mutex posted_mutex_; // never taken on the way of a message
  std::vector<std::function<void()>> posted_;
  std::atomic<bool> has_posted_{false};
  std::vector<flusher*> flushing_;
  std::vector<flusher*> flushing_now_;
  std::vector<std::shared_ptr<void>> leaving_;
  std::unique_ptr<char[]> scratch_;
  std::thread thread_;
};

} // namespace troupe
