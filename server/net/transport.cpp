#include "server/net/transport.hpp"

#include <cerrno>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe {

namespace {

ssize_t send_plain(int fd, std::span<iovec> parts) {
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

std::size_t bytes_of(std::span<const iovec> parts) {
  std::size_t sum = 0;
  for (const auto& part : parts)
    sum += part.iov_len;
  return sum;
}

} // namespace

bool transport::secure(std::unique_ptr<tls_session> session) {
  session_ = std::move(session);
  secure_ = session_ != nullptr;
  readable |= secure_; // what was received before is in there
  return secure_;
}

void transport::give_up_tls() {
  secure_ = false;
  session_.reset();
}

// A short read means that the kernel had no more, and that it will say so when it has; except that
// after a hang-up nothing more is said, so one must read to the end.
ssize_t transport::receive(std::span<char> into) {
  if (secure_) [[unlikely]]
    return session_->receive(into, hung_up, readable);
  ssize_t got;
  do
    got = ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  readable = got == static_cast<ssize_t>(into.size()) || (got > 0 && hung_up);
  return got;
}

ssize_t transport::send(std::span<iovec> parts) {
  const std::size_t wanted = bytes_of(parts);
  ssize_t sent;
  if (secure_) [[unlikely]] {
    sent = session_->send(parts);
    full = session_->has_unsent();
  } else {
    do
      sent = send_plain(socket_.get(), parts);
    while (sent < 0 && errno == EINTR);
  }
  full |=
    sent < 0 ? errno == EAGAIN || errno == EWOULDBLOCK : static_cast<std::size_t>(sent) < wanted;
  return sent;
}

void transport::finish() {
  if (secure_)
    session_->finish();
  ::shutdown(socket_.get(), SHUT_WR);
}

void transport::reset_on_close() {
  const linger none{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

} // namespace troupe
