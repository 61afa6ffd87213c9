// One accepted socket until it becomes a WebSocket or goes: reads HTTP requests, writes answers.
// Runs on its I/O loop.
#pragma once

#include "server/edge/connection_limits.hpp"
#include "server/net/http.hpp"
#include "server/net/request_reader.hpp"
#include "server/net/socket_shares.hpp"
#include "server/net/stream_pump.hpp"
#include "server/net/transport_opening.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

class http_server;

class http_session final : public std::enable_shared_from_this<http_session>,
                           private stream_pump<http_session>,
                           private timer_wheel::deadline {
public:
  http_session(http_server& server, descriptor socket, const troupe::client_address& peer,
               port_kind port);

  /// False when the loop cannot watch the socket.
  bool start();

  /// Answers the request that the HTTP server was given. Loop thread; nothing happens when it has
  /// gone.
  void respond(const http_response& what);
  /// The same, and closes.
  void respond_last(const http_response& what);
  /// Sends these bytes instead of an answer, then closes.
  void respond_raw(std::string_view bytes);

  /// Who asks, as far as is known: the other end of the socket, or whom a trusted proxy there
  /// speaks for. May be another with each request, from when its header has come.
  const troupe::client_address& client_address() const { return client_; }

  /// Gives the socket up, with what the client has already sent behind its request.
  std::pair<transport, std::string> become_connection();

  void close();

  /// Whether it is the client that is awaited.
  bool waits() const { return !responding_ || writing_; }

  /// Counted among the sockets of its address.
  connection_limits::address_admission admission;
  /// For the HTTP server: since when it has been awaited, and where it stands among the others.
  timer_wheel::time_point since{};
  std::list<std::shared_ptr<http_session>>::iterator rank;
  socket_shares::place among_sockets;
  socket_shares::place among_handshakes;

  /// The next step of its TLS handshake may be taken.
  void take_handshake_turn();
  /// It may go on with what it put off.
  void go_on();

private:
  friend stream_pump;
  io_loop& net() const;
  void stream_failed() { close(); }

  void on_deadline(timer_wheel::time_point now) override;
  void on_ready(readiness what) override;
  void receive();
  bool open_transport(std::string_view bytes);
  void refuse_tls();
  void go_on_later();
  void parse();
  void refuse_request(const http_response& why);
  void note(const http_header& header);
  void begin_answer();
  void end_answer();
  void arm(std::chrono::milliseconds time);
  void write_answer();
  void write();
  void finished_response();
  void linger();

  http_server& server_;
  std::unique_ptr<transport_opening> opening_; // until what comes is HTTP
  troupe::client_address peer_;                // the other end, or whom its PROXY header names
  troupe::client_address client_;
  std::optional<request_reader> reader_;
  std::string input_;  // not parsed yet
  std::string output_; // not written yet
  bool responding_ = false;
  bool lingering_ = false; // answered for the last time: what still comes is thrown away
  response_form form_;     // of the answer to the request
  bool writing_ = false;   // an answer is there and has not all left
  bool kept_ = false;      // for another request than the first
  bool said_all_ = false;  // the client has closed its half
  bool queues_ = false;    // for a turn of its TLS handshake
  bool its_turn_ = false;
  bool goes_on_ = false; // later
};

} // namespace troupe
