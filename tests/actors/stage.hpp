// A whole server on one thread in virtual time: real rooms, topics, directory, outlets and
// connections; only the sockets are missing. Every step is deterministic, and a seed permutes who
// runs next.
#pragma once

#include "troupe/audience/record_table.hpp"
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/pattern_routes.hpp"
#include "troupe/server_context.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace troupe::test {

/// An event loop whose turns the test takes, with the coordinator's clock.
class staged_loop final : public event_loop {
public:
  explicit staged_loop(caf::actor_system& system, timer_wheel::duration turns_take = {});

  /// Runs what was woken, then flushes; returns whether there was anything.
  bool turn();
  void advance() { deadlines().advance(now()); }

  void flush_later(flusher& f) override { flushing_.push_back(&f); }
  timer_wheel::time_point now() const override;
  timer_wheel::duration turn_time() const override { return turns_take_; }
  void arm(timer_wheel::deadline& d, timer_wheel::time_point when) override {
    deadlines().arm(d, when);
  }

private:
  void wake_up() noexcept override {}

  const timer_wheel::duration turns_take_;
  std::deque<flusher*> flushing_;
};

/// A client: a real connection whose transport is this test. Not a mock: everything but the socket.
class staged_connection final : public connection {
public:
  using connection::connection;

  void start() { open(); }
  /// The client says something (when the connection listens, as with a socket).
  void say(std::string text);
  /// The client closes with 1000.
  void close() { close_with(close_echo_frame("\x03\xe8")); }
  /// The client is gone without a word.
  void vanish() { end(); }
  /// The client answers a ping of the transport, or sends a pong that nobody asked for.
  void pong() {
    heard();
    receive_pong();
  }
  /// Anything came from the client.
  void sign_of_life() { heard(); }
  /// What has come, whole, since the last call: text frames as they are, others as `<close 1001
  /// …>`,
  /// `<ping>`.
  std::vector<std::string> read();
  bool gone() const { return gone_; }
  /// It has been told to go, or is gone.
  bool leaving() const { return closing() || gone_; }

  void stall() { takes_ = 0; }
  /// The transport takes so many more bytes, and then says that it is full.
  void stall_after(std::size_t bytes) { takes_ = bytes; }
  void resume() {
    takes_ = SIZE_MAX;
    write_on();
  }
  /// The transport fails at the next write.
  void break_transport() { broken_ = true; }
  /// The most bytes that ever waited for the transport.
  std::size_t most_waiting() const { return most_waiting_; }

private:
  void read_on() override;
  void write() override;
  void write_again() override { write(); }
  void closing_began() override {}
  void all_written() override {}
  void release_transport(bool) override { gone_ = true; }

  std::deque<std::string> unread_;
  std::string bytes_;
  bool gone_ = false;
  bool broken_ = false;
  unsigned checks_left_ = 300;   // of frames that are held against their description
  std::size_t takes_ = SIZE_MAX; // bytes until the transport is full
  std::size_t most_waiting_ = 0;
};

using client = caf::intrusive_ptr<staged_connection>;

/// The parts of a server are public: a test may set them before anybody connects.
class stage : public server_state {
public:
  struct options {
    std::uint64_t seed = 0; ///< 0: first come, first served
    std::uint32_t loops = 1;
    bool rooms_on_loops = false;
    limits bounds{};
    std::chrono::milliseconds heartbeat{30'000};
    room_types rooms{};
    timer_wheel::duration turns_take{}; ///< as the loops see it
    seam_rules seam{};
  };

  explicit stage(options how);
  stage();
  ~stage();

  /// A client connects, to the loop that is next.
  client connect(connection::opening asked = {});
  /// Runs until nobody has anything to do.
  void run();
  /// Runs one actor of the pool, or one turn of a loop; false when nobody has anything to do.
  bool step();
  /// So much later; whoever is due then has it to do.
  void advance(std::chrono::milliseconds time);
  /// Lets time pass, in steps small enough for every timer to be in order.
  void pass(std::chrono::milliseconds time);

  /// Changes what may be changed while a server runs.
  template <class Change>
  void change(Change what) {
    live_settings next = board.current();
    what(next);
    board.replace(std::move(next));
  }
  const limits& bounds() const { return board.current().bounds; }

  caf::actor_system& system() { return *system_; }
  std::vector<std::string> reports; ///< what `report` was told
  std::vector<std::string>
    audits; ///< what `audit` and `refused` were told: `what|who|whom` and more

private:
  struct config;
  std::unique_ptr<config> config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_;
  std::mt19937_64 rng_;
  const bool shuffled_;
  std::vector<std::unique_ptr<staged_loop>> loops_;
  std::vector<std::unique_ptr<record_table>> records_;
  std::vector<std::unique_ptr<pattern_routes>> patterns_;
  std::vector<outlet*> outlets_;
  std::size_t next_loop_ = 0;
};

/// A namespace in which everybody may do everything.
namespace_rule open_to_all(std::string pattern = ">", slow_consumer slow = slow_consumer::close);

/// The room types of the server.
room_types server_rooms();

} // namespace troupe::test
