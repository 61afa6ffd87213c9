// Accepts connections for one I/O loop. Every loop has a listener of its own on the same port
// (SO_REUSEPORT), so the kernel spreads connections and nothing is handed from thread to thread.
#pragma once

#include "server/net/http_door.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <variant>

namespace troupe {

class listener {
public:
  explicit listener(http_door& door);

  /// Why nobody can listen there, or empty. With SO_REUSEPORT a second server of the same user
  /// would silently share the port, so it is asked for once without.
  static std::string obstacle(const std::string& host, std::uint16_t port);

  /// Binds; returns the port, or why it cannot be had. Port 0 takes a free one. Before the loop
  /// runs.
  std::variant<std::uint16_t, std::string> bind(const std::string& host, std::uint16_t port);

  /// Begins to accept. Loop thread.
  void start();
  /// Closes the port for this loop. Loop thread.
  void stop();

private:
  void wait();
  void accept_waiting();

  http_door& door_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>
    acceptor_;
  boost::asio::steady_timer pause_;
};

} // namespace troupe
