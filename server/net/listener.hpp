// Accepts connections for one I/O loop. Every loop has a listener of its own on the same port
// (SO_REUSEPORT), so the kernel spreads connections and nothing is handed from thread to thread.
#pragma once

#include "server/net/http_server.hpp"
#include "troupe/wire/result.hpp"

#include <string>

namespace troupe {

class listener final : private io_loop::watcher, private timer_wheel::deadline {
public:
  explicit listener(http_server& server, port_kind kind = port_kind::any)
    : server_(server),
      kind_(kind) {}

  /// Whether anybody can listen there. With SO_REUSEPORT a second server of the same user would
  /// silently share the port, so it is asked for once without. See port_lock.hpp.
  static text_result<> check_can_listen(const std::string& host, std::uint16_t port);

  /// Binds; returns the port. Port 0 takes a free one. Loop thread.
  text_result<std::uint16_t> bind(const std::string& host, std::uint16_t port);

  /// Begins to accept. Loop thread.
  void start();
  /// Closes the port for this loop. Loop thread.
  void stop();

private:
  void on_ready(readiness) override { accept_waiting(); }
  void on_deadline(timer_wheel::time_point) override { accept_waiting(); }
  void accept_waiting();
  void try_again_after(std::chrono::milliseconds pause);
  bool turn_one_away();

  http_server& server_;
  const port_kind kind_;
  descriptor socket_;
  descriptor spare_; // given up to accept, and refuse, one when there is no other left
  timer_wheel::time_point warn_again_{};
};

} // namespace troupe
