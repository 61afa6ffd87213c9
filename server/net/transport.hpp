// A socket as its owner sees it: bytes in, bytes out, plain or through TLS, and what the kernel has
// said about it last. Runs on its I/O loop.
//
// The order of the members is that of their use: a plain socket is written to without a look at the
// last of them.
#pragma once

#include "server/net/descriptor.hpp"
#include "server/net/io_loop.hpp"
#include "server/net/tls_session.hpp"

#include <memory>
#include <span>

#include <sys/types.h>
#include <sys/uio.h>

namespace troupe {

class transport {
public:
  transport() = default;
  explicit transport(descriptor socket) : socket_(std::move(socket)) {}

  explicit operator bool() const { return static_cast<bool>(socket_); }
  int get() const { return socket_.get(); }

  /// From now on all bytes go through `session`; null where there is none: false.
  bool secure(std::unique_ptr<tls_session> session);
  bool is_secure() const { return secure_; }
  /// Bytes that come are not the client's own yet.
  bool in_handshake() const { return secure_ && session_->in_handshake(); }
  /// What comes from now on is only to be thrown away, so it need not be decrypted.
  void give_up_tls();
  /// Why TLS failed; empty where it has not.
  const char* tls_error() const { return session_ ? session_->error_text() : ""; }

  /// As `recv`, and sets `readable`. Nobody tells of what is left while it is set.
  ssize_t receive(std::span<char> into);

  /// As `sendmsg`, and sets `full` when the kernel took less than all: then ask for `writable`.
  /// What counts as sent here may in part wait for that too, when there is TLS.
  ssize_t send(std::span<iovec> parts);

  /// Something that counts as sent has not left. `flush` tries again; false when it is there still.
  bool has_unsent() const { return secure_ && session_->has_unsent(); }
  bool flush() { return !secure_ || session_->flush(); }

  /// Says that nothing more will be sent.
  void finish();
  /// A reset: else the kernel would keep what waits for a client that may never read.
  void reset_on_close();

  void note(readiness what) {
    hung_up |= what.hung_up;
    readable |= what.readable;
  }

private:
  descriptor socket_;
  bool secure_ = false;

public:
  bool full = false;     ///< the kernel takes no more until it says so
  bool readable = false; ///< there may be more to receive
  bool hung_up = false;  ///< read to the end: nothing more will be said about it

private:
  std::unique_ptr<tls_session> session_;
};

} // namespace troupe
