#include "server/net/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

namespace troupe {

namespace {

// The longest record (RFC 8446 section 5.1).
constexpr std::size_t record_bytes_max = 16 * 1024;

// What a client can make us answer without reading any of it: alerts, key updates, tickets.
constexpr std::size_t unsent_bytes_max = 64 * 1024;

} // namespace

// -- what OpenSSL reads from and writes to -----------------------------------------------------------

struct tls_session::socket_bio {
  static tls_session& session(BIO* bio) { return *static_cast<tls_session*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int room) {
    BIO_clear_retry_flags(bio);
    const auto got = session(bio).read_socket(into, static_cast<std::size_t>(room));
    if (got < 0 && session(bio).error_ == 0)
      BIO_set_retry_read(bio);
    return static_cast<int>(got);
  }

  static int write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    return session(bio).write_socket(from, static_cast<std::size_t>(size)) ? size : -1;
  }

  static long control(BIO* bio, int what, long, void*) {
    if (what == BIO_CTRL_EOF)
      return session(bio).at_end_ ? 1 : 0;
    return what == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "troupe socket");
      if (m) {
        BIO_meth_set_read(m, read);
        BIO_meth_set_write(m, write);
        BIO_meth_set_ctrl(m, control);
      }
      return m;
    }();
    return made;
  }
};

// As `recv`. A short read means that the kernel had no more: asking again would be for nothing.
ssize_t tls_session::read_socket(char* into, std::size_t room) {
  if (!early_.empty()) {
    const auto size = std::min(room, early_.size());
    std::memcpy(into, early_.data(), size);
    early_.erase(0, size);
    if (early_.empty())
      early_.shrink_to_fit();
    return static_cast<ssize_t>(size);
  }
  if (drained_)
    return -1;
  ssize_t got;
  do
    got = ::recv(fd_, into, room, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  drained_ = got < static_cast<ssize_t>(room);
  at_end_ |= got == 0;
  if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
    error_ = errno;
  return got;
}

// Takes all of it, unless the socket has failed or the client lets too much pile up.
bool tls_session::write_socket(const char* from, std::size_t size) {
  std::size_t gone = 0;
  while (sealed_.empty() && gone < size) {
    const ssize_t sent = ::send(fd_, from + gone, size - gone, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      gone += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      error_ = errno;
      return false;
    }
  }
  if (sealed_.size() + size - gone > unsent_bytes_max) {
    error_ = EPROTO;
    return false;
  }
  sealed_.append(from + gone, size - gone);
  return true;
}

// -- the session -------------------------------------------------------------------------------------

std::unique_ptr<tls_session> tls_session::begin(const tls_context_ptr& context, int fd,
                                                std::string early) {
  const auto* method = socket_bio::method();
  if (!context || !method)
    return nullptr;
  std::unique_ptr<tls_session> made(new tls_session(fd, std::move(early)));
  made->ssl_ = {SSL_new(context.get()), SSL_free};
  BIO* bio = made->ssl_ ? BIO_new(method) : nullptr;
  if (!bio)
    return nullptr;
  BIO_set_data(bio, made.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(made->ssl_.get(), bio, bio);
  SSL_set_accept_state(made->ssl_.get());
  return made;
}

tls_session::~tls_session() = default;

bool tls_session::in_handshake() const {
  return !broken_ && SSL_is_init_finished(ssl_.get()) == 0;
}

ssize_t tls_session::receive(std::span<char> into, bool hung_up, bool& more) {
  more = false;
  if (broken_)
    return errno = EPROTO, -1;
  drained_ = false;
  std::size_t total = 0;
  while (total < into.size()) {
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &got);
    if (result == 1) {
      total += got;
      continue;
    }
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
      // After a hang-up there is no telling that the end has been reached but by reading it.
      more = hung_up && !at_end_;
      return total > 0 ? static_cast<ssize_t>(total) : (errno = EAGAIN, -1);
    }
    const auto end = failed(result);
    more = total > 0; // the end itself is for the next call
    return total > 0 ? static_cast<ssize_t>(total) : end;
  }
  more = true;
  return static_cast<ssize_t>(total);
}

// Why OpenSSL did not do what was asked, as a system call would say it.
ssize_t tls_session::failed(int result) {
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_ZERO_RETURN || (at_end_ && error_ == 0))
    return 0;
  if (const char* text = ERR_reason_error_string(ERR_peek_error()))
    error_text_ = text;
  ERR_clear_error();
  broken_ = true;
  errno = error_ != 0 ? error_ : EPROTO;
  return -1;
}

ssize_t tls_session::send(std::span<const iovec> parts) {
  std::size_t total = 0;
  std::array<char, record_bytes_max> together; // small parts share a record
  std::size_t skip = 0;                        // of the first part
  while (!parts.empty() && flush()) {
    const char* from = static_cast<const char*>(parts[0].iov_base) + skip;
    std::size_t size = std::min(parts[0].iov_len - skip, record_bytes_max);
    if (parts.size() > 1 && size < record_bytes_max) {
      size = 0;
      auto offset = skip;
      for (const auto& part : parts) {
        const auto take = std::min(part.iov_len - offset, together.size() - size);
        std::memcpy(together.data() + size, static_cast<const char*>(part.iov_base) + offset, take);
        size += take;
        offset = 0;
        if (size == together.size())
          break;
      }
      from = together.data();
    }
    const auto sealed = seal(from, size);
    if (sealed < 0)
      return total > 0 ? static_cast<ssize_t>(total) : -1;
    total += static_cast<std::size_t>(sealed);
    skip += static_cast<std::size_t>(sealed);
    while (!parts.empty() && skip >= parts[0].iov_len) {
      skip -= parts[0].iov_len;
      parts = parts.subspan(1);
    }
  }
  if (total > 0 || (parts.empty() && !has_unsent()))
    return static_cast<ssize_t>(total);
  errno = error_ != 0 ? error_ : EAGAIN;
  return -1;
}

// Encrypts some of it, which then counts as sent.
ssize_t tls_session::seal(const char* from, std::size_t size) {
  if (broken_)
    return errno = EPROTO, -1;
  std::size_t written = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), from, size, &written);
  if (result == 1)
    return static_cast<ssize_t>(written);
  if (failed(result) == 0)
    errno = EPIPE;
  return -1;
}

bool tls_session::flush() {
  if (error_ != 0)
    return false;
  if (sealed_.empty())
    return true;
  const std::string waiting = std::exchange(sealed_, {});
  return write_socket(waiting.data(), waiting.size()) && sealed_.empty();
}

void tls_session::finish() {
  if (broken_ || !SSL_is_init_finished(ssl_.get()))
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

} // namespace troupe
