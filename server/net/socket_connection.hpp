// A connection over a TCP socket: WebSocket frames in, shared frames out. Runs on its I/O loop.
//
// Reads by readiness: while a client is silent it holds no buffer and no half-done read, only its
// place in the loop's epoll set. Writes go straight to the socket, all that waits in one `sendmsg`.
#pragma once

#include "server/net/io_loop.hpp"
#include "server/net/ws_reader.hpp"
#include "troupe/connection.hpp"

#include <optional>

namespace troupe {

class socket_connection final : public connection, private ws_reader::handler {
public:
  /// `handshake` is the answer that makes it a WebSocket: it leaves together with the first frame.
  /// `early` is what the client sent behind its request.
  socket_connection(caf::actor_config& config, event_loop& base, io_loop& on, const house& here,
                    outlet& ear, opening asked, tcp_socket socket, std::string handshake,
                    std::string early);

  /// Begins to read. After `open`.
  void start();

private:
  // connection
  void read_on() override;
  void write() override;
  void closing_began() override;
  void release_transport(bool abruptly) override;

  // ws_reader::handler
  bool wants_frames() override { return connection::wants_frames(); }
  void on_message(bool text, std::string_view payload) override;
  void on_ping(std::string_view payload) override;
  void on_pong() override {}
  void on_close(std::string_view payload) override;
  void on_violation(close_code code, std::string_view what) override;

  void wait_readable();
  void wait_writable();
  void on_readable();
  void take(std::span<char> bytes);
  int fd() { return socket_->native_handle(); }

  io_loop& net_;
  std::optional<tcp_socket> socket_;
  ws_reader reader_;
  std::string unread_; // the beginning of a frame, or frames that are not wanted yet
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool put_off_ = false; // frames were there and not wanted
  bool shut_ = false;    // our half of the socket
};

} // namespace troupe
