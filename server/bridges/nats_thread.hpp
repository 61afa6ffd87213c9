// The connection to NATS, and the one thread that calls nats.c, whose calls may block: to connect,
// to subscribe, to publish. It takes commands from the link's actor, and reports their results.
//
// nats.c's own threads call back: for a message (nats_subscription), and when the connection
// changes, which only wakes this thread to look. nats.c reconnects by itself, with all its
// subscriptions. If it has not succeeded for a while, and nothing waits in its queues any more, the
// thread makes a new connection, and goes on trying for ever: it reads files again, and learns why
// a try fails, which nats.c does not report of its own tries.
#pragma once

#include "server/bridges/nats_commands.hpp"
#include "server/bridges/nats_messages.hpp"
#include "server/bridges/nats_options.hpp"
#include "server/bridges/warning_throttle.hpp"
#include "troupe/runtime/bus_metrics.hpp"

#include <nats/nats.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe {

class nats_thread {
public:
  nats_thread(const nats_config& settings, bus_metrics& counts);
  /// After `finish`: waits for the thread, and for those of nats.c. Not on one of either.
  ~nats_thread();
  nats_thread(const nats_thread&) = delete;
  nats_thread& operator=(const nats_thread&) = delete;

  void start(nats_link_actor link);

  /// Any thread, in order. One batch at a time: the next one after `nats_batch_done`.
  void listen(nats_subscription_ptr to);
  void unlisten(nats_subscription_ptr to);
  void publish(nats_batch batch);
  void finish(nats_batch last);

private:
  using time_point = std::chrono::steady_clock::time_point;

  struct listening {
    nats_subscription_ptr what;
    natsSubscription* handle = nullptr;
    std::int64_t dropped = 0; // by nats.c, as far as it is counted
  };

  // Of one connection.
  struct figures {
    std::uint64_t in = 0; ///< messages that have come
    std::uint64_t reconnects = 0;
  };

  // The thread.
  void run();
  void carry_out(nats_command command);
  void hand_back(nats_batch returned);
  void look();

  // The connection: nats_thread_connection.cpp.
  void connect();
  void connected();
  void failed(std::string error);
  void give_up(std::string_view why);
  std::uint64_t close();
  void remember_servers();
  std::string closing_error() const;
  void warn_of_old_nats() const;
  bool is_connected() const;
  figures so_far() const;
  void tell(bool connected);
  void set_callbacks();
  std::chrono::milliseconds wait_before(unsigned attempt) const;
  void on_error(natsStatus status);
  static std::chrono::milliseconds since(time_point then);

  // Subscriptions.
  void subscribe(listening& to);
  void unsubscribe(const nats_subscription_ptr& to);
  void look_at(listening& at);
  void count_lost(bus_drop_reason why, std::uint64_t events);
  std::uint64_t events_lost() const;

  // Publishing: nats_thread_publish.cpp.
  nats_batch publish_all(nats_batch batch, std::chrono::milliseconds within);
  natsStatus publish_one(const nats_outgoing& message);
  bool lost(natsStatus status);
  void tell_asker(const nats_outgoing& message);
  bool confirm(std::chrono::milliseconds within, std::uint64_t before);

  const nats_config settings_;
  bus_metrics& counts_;
  nats_link_actor link_;
  nats_commands commands_;
  std::unique_ptr<nats_options> options_;

  natsConnection* connection_ = nullptr;
  std::mutex connection_change_; // against the one call from another thread: the last resort
  std::vector<listening> listenings_;
  std::vector<nats_subscription_ptr> kept_; // nats.c may still be in one of their callbacks
  std::uint64_t waiting_ = 0;
  std::uint64_t taken_before_ = 0; // by the time of this connection
  std::uint64_t lost_here_ = 0;    // of what came on this connection, as far as it is counted

  bool told_connected_ = false;
  bool ever_connected_ = false;
  std::uint64_t reconnected_before_ = 0;
  bool broken_ = false; // a call has failed in a way that leaves the connection in doubt
  bool finished_ = false;
  std::atomic<bool> ending_{false}; // the link does not hear any more
  std::atomic<unsigned> tries_{0};  // of nats.c, to come back
  unsigned attempt_ = 0;
  time_point next_try_{};
  std::string last_error_;
  std::vector<std::string> known_servers_; // that NATS itself told of

  warning_throttle warnings_; // of the thread that nats.c reports errors on

  std::promise<void> ended_;
  std::thread thread_;
};

} // namespace troupe
