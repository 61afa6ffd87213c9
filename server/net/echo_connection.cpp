#include "server/net/echo_connection.hpp"

#include "server/net/http_server.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/websocket.hpp"

namespace troupe {

echo_connection::echo_connection(http_server& server, transport socket, std::string handshake,
                                 std::string early, std::shared_ptr<void> admission,
                                 deflate_codec* codec)
  : stream_pump(std::move(socket)),
    server_(server),
    unread_(std::move(early)),
    output_(std::move(handshake)),
    admission_(std::move(admission)),
    codec_(codec) {}

io_loop& echo_connection::net() const {
  return server_.loop();
}

void echo_connection::start() {
  server_.metrics().connections_opened.add();
  server_.context().metrics.connections.fetch_add(1, std::memory_order_relaxed);
  if (!net().watch_instead(socket_.get(), *this))
    return close();
  arm(2 * server_.context().settings.heartbeat);
  put_off_ = true; // until the handshake has left
  go_on_later();
}

void echo_connection::close() {
  if (!socket_)
    return;
  cancel();
  if (!closing_)
    server_.metrics().closed_without.add();
  server_.context().metrics.connections.fetch_sub(1, std::memory_order_relaxed);
  socket_ = {};
  server_.forget(*this);
}

void echo_connection::go_away() {
  if (closing_)
    return;
  server_.metrics().closed(close_code::going_away);
  say_last(close_frame(close_code::going_away, default_reason(close_code::going_away)));
  put_off_ = false;
  go_on_later();
}

void echo_connection::say_last(const frame_ptr& last) {
  output_ += last->bytes();
  closing_ = true;
  arm(server_.context().live().bounds.close_timeout);
}

void echo_connection::arm(std::chrono::milliseconds time) {
  net().arm(*this, net().now() + time);
}

void echo_connection::on_ready(readiness what) {
  if (!socket_)
    return;
  const auto self = shared_from_this();
  socket_.note(what);
  if (what.writable && socket_.full) {
    socket_.full = false;
    write();
  }
  if (what.readable && socket_ && !put_off_)
    receive();
}

void echo_connection::go_on_later() {
  next_turn_.call(net(), shared_from_this(), &echo_connection::go_on);
}

void echo_connection::go_on() {
  if (!socket_)
    return;
  if (put_off_ && wants_frames())
    take({});
  if (!put_off_ && socket_.readable)
    receive();
  else
    write();
}

// -- reading -----------------------------------------------------------------------------------------

void echo_connection::receive() {
  const auto read = receive_portions([this](std::span<const char> bytes) {
    if (!closing_) {
      arm(2 * server_.context().settings.heartbeat);
      take({bytes.data(), bytes.size()});
    }
    return !put_off_;
  });
  if (read == reading::ended || read == reading::failed)
    return close();
  write();
}

void echo_connection::take(std::string_view bytes) {
  unread_ += bytes;
  unread_.erase(0, reader_.read(unread_, server_.context().live().bounds.frame_bytes_max, *this));
  put_off_ = !closing_ && (reader_.paused() || !wants_frames());
  if (closing_)
    unread_ = {};
}

bool echo_connection::wants_frames() {
  return !closing_ && output_.size() <= server_.context().live().bounds.outbox_bytes_max;
}

result<std::string_view, close_code> echo_connection::decompress(std::string_view payload) {
  return codec_->unpack(payload, server_.context().live().bounds.frame_bytes_max);
}

void echo_connection::on_message(bool text, std::string_view payload) {
  using websocket::opcode;
  std::string frame_bytes;
  websocket::append_header(frame_bytes, text ? opcode::text : opcode::binary, payload.size());
  frame_bytes += payload;
  if (!codec_) {
    output_ += frame_bytes;
    return;
  }
  const frame_ref sent{caf::make_counted<frame>(std::move(frame_bytes), std::size_t{0})};
  output_ += codec_->pack(sent).frame()->bytes();
}

void echo_connection::on_ping(std::string_view payload) {
  output_ += pong_frame(payload)->bytes();
}

void echo_connection::on_close(std::string_view payload) {
  server_.metrics().closed_by_client.add();
  say_last(close_echo_frame(payload));
}

void echo_connection::on_violation(close_code code, std::string_view what) {
  server_.metrics().closed(code);
  say_last(close_frame(code, what));
}

// -- writing -----------------------------------------------------------------------------------------

void echo_connection::write() {
  if (!send_from(text_source(output_)))
    return;
  if (closing_ && output_.empty() && !socket_.has_unsent() && !std::exchange(shut_, true)) {
    socket_.finish();
    arm(server_.context().live().bounds.close_timeout);
  }
  if (put_off_ ? wants_frames() : socket_.readable)
    go_on_later();
}

} // namespace troupe
