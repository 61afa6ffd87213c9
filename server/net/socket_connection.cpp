#include "server/net/socket_connection.hpp"

#include "troupe/server_frames.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>

namespace troupe {

namespace {

// Frames in one system call. More would not make the call cheaper per frame.
constexpr std::size_t frames_per_write = 128;

// A socket that always has more to read must not keep the others waiting.
constexpr int reads_per_turn = 4;

ssize_t send_parts(int fd, std::span<iovec> parts) {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (parts.size() == 1) // the usual case when nothing is in a hurry, and a cheaper call
    return ::send(fd, parts[0].iov_base, parts[0].iov_len, flags);
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(fd, &message, flags);
}

} // namespace

socket_connection::socket_connection(caf::actor_config& config, event_loop& base, io_loop& on,
                                     const house& here, outlet& ear, opening asked,
                                     tcp_socket socket, std::string handshake, std::string early)
  : connection(config, base, here, ear, std::move(asked)),
    net_(on),
    socket_(std::move(socket)),
    unread_(std::move(early)) {
  waiting().push(parcel{caf::make_counted<frame>(std::move(handshake), std::size_t{0})},
                 here.bounds.outbox_bytes_max);
}

void socket_connection::start() {
  put_off_ = true;
  read_on();
  if (socket_)
    wait_readable();
}

// -- reading -----------------------------------------------------------------------------------------

void socket_connection::wait_readable() {
  if (waits_readable_ || !socket_)
    return;
  waits_readable_ = true;
  socket_->async_wait(tcp_socket::wait_read,
                      [self = caf::intrusive_ptr<socket_connection>(this)](auto error) {
                        self->waits_readable_ = false;
                        if (!error && !self->ended())
                          self->on_readable();
                      });
}

void socket_connection::on_readable() {
  const auto buffer = net_.scratch();
  for (int i = 0; i < reads_per_turn; ++i) {
    const ssize_t got = ::recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
      return end();
    if (got < 0)
      break;
    heard();
    if (!closing())
      take(buffer.first(static_cast<std::size_t>(got)));
    if (ended())
      return;
    if (put_off_)
      return; // `read_on` goes on when it may; until then the kernel holds the client back
    if (static_cast<std::size_t>(got) < buffer.size())
      break;
  }
  wait_readable();
}

void socket_connection::take(std::span<char> bytes) {
  if (unread_.empty()) {
    const auto done = reader_.read(bytes, here().bounds.frame_bytes_max, *this);
    unread_.assign(bytes.data() + done, bytes.size() - done);
  } else {
    unread_.append(bytes.data(), bytes.size());
    const auto done = reader_.read(unread_, here().bounds.frame_bytes_max, *this);
    unread_.erase(0, done);
  }
  if (unread_.empty())
    unread_.shrink_to_fit();
  if (closing())
    unread_ = {};
  put_off_ = !closing() && !wants_frames();
}

void socket_connection::read_on() {
  if (!put_off_ || !wants_frames())
    return;
  put_off_ = false;
  if (!unread_.empty()) {
    std::string waiting = std::move(unread_);
    unread_.clear();
    take(waiting);
  }
  if (!put_off_ && !ended())
    wait_readable();
}

void socket_connection::on_message(bool text, std::string_view payload) {
  if (text)
    receive_text(payload);
  else
    close_with(
      close_frame(close_code::unsupported_data, default_reason(close_code::unsupported_data)));
}

void socket_connection::on_ping(std::string_view payload) {
  push(pong_frame(payload));
}

void socket_connection::on_close(std::string_view payload) {
  close_with(close_echo_frame(payload));
}

void socket_connection::on_violation(close_code code, std::string_view what) {
  close_with(close_frame(code, what));
}

// -- writing -----------------------------------------------------------------------------------------

void socket_connection::write() {
  std::array<iovec, frames_per_write> parts;
  while (!waits_writable_ && !waiting().idle()) {
    const std::size_t count = waiting().gather(parts);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i)
      wanted += parts[i].iov_len;
    const ssize_t sent = send_parts(fd(), {parts.data(), count});
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
      return end();
    if (sent > 0)
      waiting().consume(static_cast<std::size_t>(sent));
    if (sent < 0 || static_cast<std::size_t>(sent) < wanted)
      wait_writable();
  }
  if (closing() && waiting().empty() && !shut_) {
    shut_ = true;
    ::shutdown(fd(), SHUT_WR);
  }
}

void socket_connection::wait_writable() {
  waits_writable_ = true;
  socket_->async_wait(tcp_socket::wait_write,
                      [self = caf::intrusive_ptr<socket_connection>(this)](auto error) {
                        self->waits_writable_ = false;
                        if (!error && !self->ended())
                          self->write();
                      });
}

void socket_connection::closing_began() {
  // From now on what comes is thrown away: the client's close frame, or the rest of what was too
  // long. Closing at once with unread bytes would reset the connection and lose our last words.
  put_off_ = false;
  wait_readable();
}

void socket_connection::release_transport(bool abruptly) {
  if (abruptly) {
    // A reset: else the kernel would keep what waits for a client that may never read.
    const linger none{1, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
  socket_.reset();
  unread_ = {};
}

} // namespace troupe
