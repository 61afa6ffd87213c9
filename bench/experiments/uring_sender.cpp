#include "uring_sender.hpp"

#include <algorithm>
#include <system_error>

#include <sys/socket.h>

namespace troupe::bench {

namespace {

int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error{-result, std::generic_category(), what};
  return result;
}

} // namespace

uring_sender::uring_sender(const std::vector<int>& sockets, const uring_options& how)
  : sockets_(sockets),
    how_(how) {
  io_uring_params parameters{};
  parameters.flags = how.setup_flags;
  parameters.sq_thread_idle = 1; // ms; matters with IORING_SETUP_SQPOLL only
  checked(io_uring_queue_init_params(how.batch, &ring_, &parameters), "io_uring_setup");
  try {
    checked(io_uring_register_ring_fd(&ring_), "register ring");
    if (how.fixed_files)
      checked(
        io_uring_register_files(&ring_, sockets.data(), static_cast<unsigned>(sockets.size())),
        "register files");
  } catch (...) {
    io_uring_queue_exit(&ring_);
    throw;
  }
}

uring_sender::~uring_sender() {
  io_uring_queue_exit(&ring_);
}

void uring_sender::broadcast(std::string_view frame) {
  const std::size_t batch = how_.batch;
  for (std::size_t first = 0; first < sockets_.size(); first += batch) {
    const std::size_t end = std::min(first + batch, sockets_.size());
    for (std::size_t i = first; i < end; ++i)
      prepare(i, frame);
    // A zero-copy send is reported twice: when it is sent, and when the bytes may change.
    const std::size_t reports = how_.skip_success ? 0 : (end - first) * (how_.zero_copy ? 2 : 1);
    checked(io_uring_submit_and_wait(&ring_, static_cast<unsigned>(reports)), "io_uring_enter");
    reap(frame);
  }
}

void uring_sender::prepare(std::size_t socket, std::string_view frame) {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  for (; !entry; entry = io_uring_get_sqe(&ring_))
    io_uring_sqring_wait(&ring_); // the polling thread reports sends before it frees their places
  const int fd = how_.fixed_files ? static_cast<int>(socket) : sockets_[socket];
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (how_.zero_copy)
    io_uring_prep_send_zc(entry, fd, frame.data(), frame.size(), flags, 0);
  else
    io_uring_prep_send(entry, fd, frame.data(), frame.size(), flags);
  unsigned marks = 0;
  if (how_.fixed_files)
    marks |= IOSQE_FIXED_FILE;
  if (how_.skip_success)
    marks |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_flags(entry, marks);
}

void uring_sender::reap(std::string_view frame) {
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* entry = nullptr;
  int problem = 0;
  io_uring_for_each_cqe(&ring_, head, entry) {
    ++count;
    if ((entry->flags & IORING_CQE_F_NOTIF) == 0 && entry->res != static_cast<int>(frame.size()))
      problem = entry->res < 0 ? entry->res : -EMSGSIZE;
  }
  io_uring_cq_advance(&ring_, count);
  checked(problem, "send");
}

} // namespace troupe::bench
