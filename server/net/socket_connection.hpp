// A connection over a TCP socket: WebSocket frames in, shared frames out. Runs on its I/O loop.
//
// While a client is silent it holds no buffer and no half-done operation, only its place in the
// loop's epoll set. Writes go straight to the socket, all that waits in one system call.
#pragma once

#include "server/edge/socket_address.hpp"
#include "server/net/deflate.hpp"
#include "server/net/stream_pump.hpp"
#include "server/net/ws_reader.hpp"
#include "troupe/delivery/connection.hpp"

#include <vector>

namespace troupe {

class socket_connection final : public connection,
                                private stream_pump<socket_connection>,
                                private ws_reader::handler {
public:
  /// `handshake` is the answer that makes it a WebSocket: it leaves together with the first frame.
  /// `early` is what the client sent behind its request. `codec` is the loop's; null unless
  /// compression was agreed on.
  socket_connection(caf::actor_config& config, event_loop& base, io_loop& on,
                    const server_context& context, outlet& its_outlet, opening asked,
                    transport socket, std::string handshake, std::string_view early,
                    deflate_codec* codec = nullptr);

  /// Begins to read. After `open`.
  void start();

private:
  friend stream_pump;

  // connection
  void read_on() override;
  void write() override;
  void write_again() override;
  void closing_began() override;
  void all_written() override;
  void release_transport(bool abruptly) override;
  client_address peer() const override { return peer_address(socket_.get()); }
  frame_ref packed(const frame_ref& what) override { return codec_->pack(what); }

  // stream_pump
  void stream_failed() { end_soon(); }
  void on_ready(readiness what) override;

  // ws_reader::handler
  bool wants_frames() override { return connection::wants_frames(); }
  void on_message(bool text, std::string_view payload) override;
  bool takes_compressed() override { return packs(); }
  result<std::string_view, close_code> decompress(std::string_view payload) override {
    return codec_->unpack(payload, context().live().bounds.frame_bytes_max);
  }
  void on_ping(std::string_view payload) override;
  void on_pong() override { receive_pong(); }
  void on_close(std::string_view payload) override;
  void on_violation(close_code code, std::string_view what) override;

  void receive();
  void take(std::span<char> bytes);

  io_loop& net() const { return static_cast<io_loop&>(loop()); }

  deflate_codec* const codec_;
  [[no_unique_address]] ws_reader reader_; // the two flags lie in what it leaves of its last word
  bool put_off_ = false;                   // frames were there and not wanted
  bool shut_ = false;                      // our half of the socket
  std::vector<char> unread_; // the beginning of a frame, or frames that are not wanted yet
};

// Every idle client has one.
static_assert(sizeof(socket_connection) <= sizeof(connection) + 64);

} // namespace troupe
