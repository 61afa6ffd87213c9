#include "server/net/echo_connection.hpp"

#include "server/net/http_server.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/websocket.hpp"

namespace troupe {

echo_connection::echo_connection(http_server& server, transport socket, std::string handshake,
                                 std::string early, connection_limits::address_admission admission)
  : stream_pump(std::move(socket)),
    server_(server),
    unread_(std::move(early)),
    output_(std::move(handshake)),
    admission_(std::move(admission)) {}

io_loop& echo_connection::net() const {
  return server_.loop();
}

void echo_connection::start() {
  if (!net().watch_instead(socket_.get(), *this))
    return close();
  arm(2 * server_.context().settings.heartbeat);
  put_off_ = true; // until the handshake has left
  go_on_later();
}

void echo_connection::close() {
  cancel();
  socket_ = {};
  server_.forget(*this);
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

void echo_connection::on_message(bool text, std::string_view payload) {
  using websocket::opcode;
  websocket::append_header(output_, text ? opcode::text : opcode::binary, payload.size());
  output_ += payload;
}

void echo_connection::on_ping(std::string_view payload) {
  output_ += pong_frame(payload)->bytes();
}

void echo_connection::on_close(std::string_view payload) {
  output_ += close_echo_frame(payload)->bytes();
  closing_ = true;
}

void echo_connection::on_violation(close_code code, std::string_view what) {
  output_ += close_frame(code, what)->bytes();
  closing_ = true;
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
