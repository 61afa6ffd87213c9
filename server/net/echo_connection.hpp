// A WebSocket that sends back what it gets, text and binary, for suites that test the protocol
// (`debug.echo`). No actor: it knows nobody. It comes in as every WebSocket does, and counts as a
// connection. Runs on its I/O loop.
//
// What waits to be sent back is bounded by `limits.outbox_bytes_max`: a client that does not read
// is not read from.
#pragma once

#include "server/net/deflate.hpp"
#include "server/net/stream_pump.hpp"
#include "server/net/ws_reader.hpp"

#include <memory>
#include <string>

namespace troupe {

class http_server;

class echo_connection final : public std::enable_shared_from_this<echo_connection>,
                              private stream_pump<echo_connection>,
                              private timer_wheel::deadline,
                              private ws_reader::handler {
public:
  /// `early` is what the client has sent behind its handshake; `admission` is kept until it ends.
  /// `codec` is the loop's; null unless compression was agreed on.
  echo_connection(http_server& server, transport socket, std::string handshake, std::string early,
                  std::shared_ptr<void> admission, deflate_codec* codec);

  void start();
  /// Closes with 1001: the server is about to end.
  void go_away();
  void close();

private:
  friend stream_pump;
  io_loop& net() const;
  void stream_failed() { close(); }

  void on_ready(readiness what) override;
  void on_deadline(timer_wheel::time_point) override { close(); }

  bool wants_frames() override;
  void on_message(bool text, std::string_view payload) override;
  bool takes_compressed() override { return codec_ != nullptr; }
  result<std::string_view, close_code> decompress(std::string_view payload) override;
  void on_ping(std::string_view payload) override;
  void on_pong() override {}
  void on_close(std::string_view payload) override;
  void on_violation(close_code code, std::string_view what) override;

  void receive();
  void take(std::string_view bytes);
  void go_on();
  void go_on_later();
  void write();
  void arm(std::chrono::milliseconds time);
  void say_last(const frame_ptr& last);

  http_server& server_;
  ws_reader reader_;
  std::string unread_; // half a frame, or frames that are not wanted yet
  std::string output_; // not written yet
  std::shared_ptr<void> admission_;
  deflate_codec* const codec_;
  bool put_off_ = false; // frames may be there and are not wanted now
  bool closing_ = false; // the last frame is in the output
  bool shut_ = false;    // our half of the socket
  next_turn next_turn_;  // goes on
};

} // namespace troupe
