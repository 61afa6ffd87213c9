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
                           private io_loop::watcher,
                           private timer_wheel::deadline {
public:
  http_visitor(http_door& door, descriptor socket);

  /// False when the loop cannot watch the socket.
  bool start();

  /// Answers the request that the door was given. Loop thread; nothing happens when it has gone.
  void answer(const http_answer& what);

  /// Gives the socket up, with what the client has already sent behind its request.
  std::pair<descriptor, std::string> become_connection();

  void close();

private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void on_deadline(timer_wheel::time_point now) override;
  void on_ready(readiness what) override;
  void receive();
  void go_on_later();
  void parse();
  void refuse_request(boost::beast::error_code error);
  void write();
  void finished_answer();
  void linger();

  http_door& door_;
  descriptor socket_;
  std::optional<parser> parser_;
  std::string input_;  // not parsed yet
  std::string output_; // not written yet
  bool answering_ = false;
  bool lingering_ = false; // answered for the last time: what still comes is thrown away
  bool keep_alive_ = false;
  bool head_ = false;     // the request was HEAD
  bool full_ = false;     // the kernel takes no more of our answer until it says so
  bool readable_ = false; // the kernel may have more for us
  bool goes_on_ = false;  // is called again soon
  bool hung_up_ = false;  // read to the end: nothing more will be said about it
  bool said_all_ = false; // the client has closed its half
};

} // namespace troupe
