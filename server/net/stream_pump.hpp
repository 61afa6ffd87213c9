// What every owner of a socket does alike: reads in portions, writes until the kernel takes no
// more, then waits for room, goes on in the loop's next turn. Runs on its I/O loop.
//
// Templates, not virtual functions: a write costs no call more than its system call, and an owner
// no byte but those of its socket.
#pragma once

#include "server/net/io_loop.hpp"
#include "server/net/transport.hpp"

#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <sys/uio.h>

namespace troupe {

/// Base of an `Owner`, which befriends it and has `io_loop& net() const`, and `void
/// stream_failed()` that lets go of the socket: called when the socket has failed.
template <class Owner>
class stream_pump : protected io_loop::watcher {
protected:
  explicit stream_pump(transport socket) : socket_(std::move(socket)) {}
  ~stream_pump() = default;

  enum class reading : std::uint8_t {
    drained, ///< the kernel has no more, and will say so when it has
    stopped, ///< `take` returned false
    more,    ///< others are waiting too: go on in the next turn
    ended,   ///< the other side has closed its half
    failed,
  };

  /// Reads some portions, of at most so many bytes, into the loop's buffer. `take(std::span<char>)`
  /// gets each of them; false stops it. The socket is still there whatever is returned, unless the
  /// owner let it go.
  template <class Take>
  reading receive_portions(Take take, std::size_t bytes_max = io_loop::scratch_bytes) {
    // A socket that always has more to read must not keep the others waiting.
    constexpr int reads_per_turn = 4;
    const auto buffer = owner().net().scratch().first(bytes_max);
    for (int i = 0; i < reads_per_turn; ++i) {
      const ssize_t got = socket_.receive(buffer);
      if (got == 0)
        return reading::ended;
      if (got < 0 && !would_block())
        return reading::failed;
      if (got > 0 && !take(buffer.first(static_cast<std::size_t>(got))))
        return reading::stopped;
      if (!socket_.readable)
        return reading::drained;
    }
    return reading::more;
  }

  /// Writes what `source` has, as much as the kernel takes. A source says whether it is `idle()`,
  /// what to `gather()` as a span of iovec, and lets `consume(bytes)` of that go. False when the
  /// socket has failed and its owner was told.
  template <class Source>
  bool send_from(Source source) {
    if (!socket_.full && !socket_.flush() && !wait_for_room())
      return false;
    while (!socket_.full && !source.idle()) {
      const ssize_t sent = socket_.send(source.gather());
      if (sent < 0 && !would_block())
        return failed();
      if (sent > 0)
        source.consume(static_cast<std::size_t>(sent));
      if (socket_.full && !wait_for_room())
        return false;
    }
    return true;
  }

  /// Until the kernel says that it takes more. False when it cannot, and the owner was told.
  bool wait_for_room() {
    socket_.full = true;
    return owner().net().watch_writable(socket_.get(), *this) || failed();
  }

  /// After a read: what TLS had to answer and could not send waits for room.
  bool wait_if_unsent() { return !socket_.has_unsent() || socket_.full || wait_for_room(); }

  transport socket_;

private:
  static bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

  Owner& owner() { return static_cast<Owner&>(*this); }

  bool failed() {
    owner().stream_failed();
    return false;
  }
};

/// A source for `send_from`: a string, sent from its front.
class text_source {
public:
  explicit text_source(std::string& text) : text_(text) {}

  bool idle() const { return text_.empty(); }
  std::span<iovec> gather() {
    part_ = {text_.data(), text_.size()};
    return {&part_, 1};
  }
  void consume(std::size_t bytes) { text_.erase(0, bytes); }

private:
  std::string& text_;
  iovec part_{};
};

/// Calls a member of its owner in the loop's next turn, once however often it is asked. Not at
/// once: a client that sends as fast as we answer must not become a deep stack.
class next_turn {
public:
  template <class Owner>
  void call(io_loop& loop, std::shared_ptr<Owner> who, void (Owner::*what)()) {
    if (std::exchange(asked_, true))
      return;
    loop.post([this, who = std::move(who), what] {
      asked_ = false;
      ((*who).*what)();
    });
  }

private:
  bool asked_ = false;
};

} // namespace troupe
