// TLS on one socket: the server's side, from the first byte of the handshake to close_notify. Runs
// on its socket's I/O loop.
//
// OpenSSL reads straight from the socket and writes straight to it; what the kernel does not take
// is kept here, so that for OpenSSL a write never fails half-way. Whoever hands over bytes to be
// sent is rid of them: nothing need be said again, or kept from changing, until they have left.
#pragma once

#include "server/net/tls_context.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <sys/types.h>
#include <sys/uio.h>

struct bio_st;        // OpenSSL's BIO
struct bio_method_st; // and BIO_METHOD
struct ssl_st;        // and SSL

namespace troupe {

class tls_session {
public:
  /// `early` is what has been received from the socket already. Null when memory has run out.
  static std::unique_ptr<tls_session> begin(const tls_context_ptr& context, int fd,
                                            std::string early);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// As `recv`: fills `into` with as much as there is; 0 at the end of the stream, -1 with EAGAIN
  /// when there is nothing yet, -1 with EPROTO when the client does not speak TLS as it should. The
  /// handshake happens in here. `hung_up`: the kernel will say nothing more about this socket.
  /// `more` becomes whether to call again without being told that there is something.
  ssize_t receive(std::span<char> into, bool hung_up, bool& more);

  /// As `sendmsg`, but at most one record's worth beyond what the kernel takes: that much waits in
  /// here. After the handshake.
  ssize_t send(std::span<const iovec> parts);

  bool in_handshake() const;

  /// Sends what waits in here; false when the kernel does not take all of it, or has failed.
  bool flush();
  bool has_unsent() const { return !sealed_.empty(); }

  /// Says that nothing more will come (close_notify).
  void finish();

  /// Why `receive` or `send` gave EPROTO, in OpenSSL's words.
  const char* error_text() const { return error_text_; }

private:
  struct socket_bio; // the functions that OpenSSL calls

  tls_session(int fd, std::string early) : early_(std::move(early)), fd_(fd) {}

  ssize_t read_socket(char* into, std::size_t room);
  bool write_socket(const char* from, std::size_t size);
  ssize_t failed(int result);
  ssize_t seal(const char* from, std::size_t size);

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_{nullptr, nullptr};
  std::string early_;  // received by somebody else, not yet decrypted
  std::string sealed_; // encrypted, not yet sent
  const char* error_text_ = "";
  int fd_;
  int error_ = 0;        // of the socket: no more can be done
  bool drained_ = false; // the kernel has no more to read
  bool at_end_ = false;  // the client has closed its half
  bool broken_ = false;  // OpenSSL has given up
};

} // namespace troupe
