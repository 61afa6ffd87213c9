// Sends one frame to many sockets through io_uring: a submission a socket, a system call a batch.
// Belongs to one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <liburing.h>

namespace troupe::bench {

/// How the ring is set up and used.
struct uring_options {
  unsigned batch = 1024;     ///< submissions a system call
  unsigned setup_flags = 0;  ///< IORING_SETUP_…
  bool fixed_files = false;  ///< the sockets are registered: no look-up and no count a send
  bool skip_success = false; ///< only failures are reported
  bool zero_copy = false;    ///< IORING_OP_SEND_ZC
};

class uring_sender {
public:
  /// Throws std::system_error when the kernel has no such ring.
  uring_sender(const std::vector<int>& sockets, const uring_options& how);
  ~uring_sender();
  uring_sender(const uring_sender&) = delete;
  uring_sender& operator=(const uring_sender&) = delete;

  /// Sends `frame` to all; returns when the kernel has taken it. Throws when a socket takes less.
  void broadcast(std::string_view frame);

private:
  void prepare(std::size_t socket, std::string_view frame);
  void reap(std::string_view frame);

  const std::vector<int>& sockets_;
  const uring_options how_;
  io_uring ring_{};
};

} // namespace troupe::bench
