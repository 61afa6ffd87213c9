// One accepted socket until it becomes a WebSocket or goes: reads HTTP requests, writes answers.
// Runs on its I/O loop.
#pragma once

#include "server/net/http.hpp"
#include "server/net/io_loop.hpp"

#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>
#include <string>

namespace troupe {

class http_door;

class http_visitor final : public std::enable_shared_from_this<http_visitor>,
                           private timer_wheel::deadline {
public:
  http_visitor(http_door& door, tcp_socket socket);

  void start();

  /// Answers the request that the door was given. Loop thread; nothing happens when it has gone.
  void answer(const http_answer& what);

  /// Gives the socket up, with what the client has already sent behind its request.
  std::pair<tcp_socket, std::string> become_connection();

  void close();

private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void on_deadline(timer_wheel::time_point now) override;
  void wait_readable();
  void on_readable();
  void parse();
  void refuse_request(boost::beast::error_code error);
  void write();
  void finished_answer();
  void linger();

  http_door& door_;
  std::optional<tcp_socket> socket_;
  std::optional<parser> parser_;
  std::string input_;  // not parsed yet
  std::string output_; // not written yet
  bool answering_ = false;
  bool lingering_ = false; // answered for the last time: what still comes is thrown away
  bool keep_alive_ = false;
  bool head_ = false; // the request was HEAD
};

} // namespace troupe
