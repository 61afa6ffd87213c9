#include "server/net/socket_connection.hpp"

#include "troupe/server_frames.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe {

namespace {

// Frames in one system call. More would not make the call cheaper per frame.
constexpr std::size_t frames_per_write = 128;

// A socket that always has more to read must not keep the others waiting.
constexpr int reads_per_turn = 4;

ssize_t send_parts(int fd, std::span<iovec> parts) {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  // One part is the usual case when nothing is in a hurry, and has a cheaper call. Not `send`: the
  // C library's makes each call a point where its thread can be cancelled.
  if (parts.size() == 1)
    return ::syscall(SYS_sendto, fd, parts[0].iov_base, parts[0].iov_len, flags, nullptr, 0);
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(fd, &message, flags);
}

} // namespace

socket_connection::socket_connection(caf::actor_config& config, event_loop& base, io_loop& on,
                                     const house& here, outlet& ear, opening asked,
                                     descriptor socket, std::string handshake, std::string early)
  : connection(config, base, here, ear, std::move(asked)),
    socket_(std::move(socket)),
    net_(on),
    unread_(std::move(early)) {
  waiting().push(parcel{caf::make_counted<frame>(std::move(handshake), std::size_t{0})},
                 here.bounds.outbox_bytes_max);
}

void socket_connection::start() {
  reads_on_ = put_off_ = !unread_.empty();
  if (!net_.watch_instead(socket_.get(), *this))
    end();
}

void socket_connection::on_ready(readiness what) {
  if (ended())
    return;
  hung_up_ |= what.hung_up;
  if (what.readable) {
    readable_ = true;
    if (!put_off_)
      receive();
  }
  if (what.writable && full_ && !ended()) {
    full_ = false;
    write();
  }
}

// -- reading -----------------------------------------------------------------------------------------

// Takes what the kernel has. A short read means that it had no more, and that it will say so when
// it has; except that after a hang-up nothing more is said, so one must read to the end.
void socket_connection::receive() {
  const auto buffer = net_.scratch();
  for (int i = 0; i < reads_per_turn; ++i) {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR)
      continue;
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
      return end();
    readable_ = got == static_cast<ssize_t>(buffer.size()) || (got > 0 && hung_up_);
    if (got > 0) {
      heard();
      if (!closing())
        take(buffer.first(static_cast<std::size_t>(got)));
    }
    if (ended() || put_off_ || !readable_)
      return; // put off: until `read_on` the kernel holds the client back
  }
  reads_on_ = true;
  pump_soon();
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
  reads_on_ |= put_off_;
}

void socket_connection::read_on() {
  if (put_off_) {
    if (!wants_frames())
      return;
    reads_on_ = put_off_ = false;
    std::string waiting_frames = std::exchange(unread_, {});
    take(waiting_frames);
  }
  if (put_off_ || ended())
    return;
  reads_on_ = false;
  if (readable_)
    receive();
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
  while (!full_ && !waiting().idle()) {
    const std::size_t count = waiting().gather(parts);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i)
      wanted += parts[i].iov_len;
    const ssize_t sent = send_parts(socket_.get(), {parts.data(), count});
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
      return end();
    if (sent > 0)
      waiting().consume(static_cast<std::size_t>(sent));
    if (sent < 0 || static_cast<std::size_t>(sent) < wanted) {
      full_ = true;
      if (!net_.watch_writable(socket_.get(), *this))
        return end();
    }
  }
  if (closing() && waiting().empty())
    all_written();
}

void socket_connection::all_written() {
  if (std::exchange(shut_, true))
    return;
  ::shutdown(socket_.get(), SHUT_WR);
}

void socket_connection::closing_began() {
  // From now on what comes is thrown away: the client's close frame, or the rest of what was too
  // long. Closing at once with unread bytes would reset the connection and lose our last words.
  put_off_ = false;
}

void socket_connection::release_transport(bool abruptly) {
  if (abruptly) {
    // A reset: else the kernel would keep what waits for a client that may never read.
    const linger none{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
  socket_ = {};
  unread_ = {};
}

} // namespace troupe
