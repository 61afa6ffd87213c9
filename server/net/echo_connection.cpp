#include "server/net/echo_connection.hpp"

#include "server/net/http_server.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/websocket.hpp"

#include <cerrno>

namespace troupe {

namespace {

constexpr int reads_per_turn = 4;

} // namespace

echo_connection::echo_connection(http_server& server, transport socket, std::string handshake,
                                 std::string early, connection_limits::address_admission admission)
  : server_(server),
    socket_(std::move(socket)),
    unread_(std::move(early)),
    output_(std::move(handshake)),
    admission_(std::move(admission)) {}

void echo_connection::start() {
  if (!server_.loop().watch_instead(socket_.get(), *this))
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
  server_.loop().arm(*this, server_.loop().now() + time);
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

// Not from `write`: a client that reads and writes as fast as we do must not become a deep stack.
void echo_connection::go_on_later() {
  if (std::exchange(goes_on_, true))
    return;
  server_.loop().post([self = shared_from_this()] {
    self->goes_on_ = false;
    if (!self->socket_)
      return;
    if (self->put_off_ && self->wants_frames())
      self->take({});
    if (!self->put_off_ && self->socket_.readable)
      self->receive();
    else
      self->write();
  });
}

// -- reading -----------------------------------------------------------------------------------------

void echo_connection::receive() {
  const auto buffer = server_.loop().scratch();
  for (int i = 0; i < reads_per_turn && !put_off_; ++i) {
    const ssize_t got = socket_.receive(buffer);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
      return close();
    if (got > 0 && !closing_) {
      arm(2 * server_.context().settings.heartbeat);
      take({buffer.data(), static_cast<std::size_t>(got)});
    }
    if (!socket_.readable)
      break;
  }
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
  if (!socket_.full && !socket_.flush() && !wait_for_room())
    return;
  while (!socket_.full && !output_.empty()) {
    iovec part{output_.data(), output_.size()};
    const ssize_t sent = socket_.send({&part, 1});
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
      return close();
    if (sent > 0)
      output_.erase(0, static_cast<std::size_t>(sent));
    if (socket_.full && !wait_for_room())
      return;
  }
  if (closing_ && output_.empty() && !socket_.has_unsent() && !std::exchange(shut_, true)) {
    socket_.finish();
    arm(server_.context().live().bounds.close_timeout);
  }
  if (put_off_ ? wants_frames() : socket_.readable)
    go_on_later();
}

// Until the kernel says that it takes more. False when it cannot, and then this has ended.
bool echo_connection::wait_for_room() {
  socket_.full = true;
  if (server_.loop().watch_writable(socket_.get(), *this))
    return true;
  close();
  return false;
}

} // namespace troupe
